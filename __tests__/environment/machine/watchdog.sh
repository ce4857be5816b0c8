#!/bin/sh
# sh watchdog.sh FOLDER PROGRAM ARGUMENTS
# Runs a program until standard input is closed, then stops it and removes FOLDER (unless FOLDER is empty). The caller
# holds the other end of that pipe, so the program is stopped when the caller exits, even if the caller is killed.
folder=$1
shift
exec 3<&0
"$@" 3<&- </dev/null &
child=$!
# Ctrl-C at the terminal is handled by the caller.
trap '' INT HUP
trap 'kill -TERM $child 2>/dev/null' TERM
{
  while read -r _ <&3; do :; done
  kill -TERM $child 2>/dev/null
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
    sleep 1
    kill -0 $child 2>/dev/null || exit 0
  done
  kill -KILL $child 2>/dev/null
} >/dev/null 2>&1 &
reader=$!
wait $child
code=$?
while kill -0 $child 2>/dev/null; do
  wait $child
  code=$?
done
kill $reader 2>/dev/null
[ -z "$folder" ] || rm -rf "$folder"
exit $code
