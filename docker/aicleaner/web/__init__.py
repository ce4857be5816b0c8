"""The HTTP side: plain functions from a request to an answer, and the WSGI application around them."""
