"""The HTTP API: functions that map a request to a response, and the WSGI application that calls them."""
