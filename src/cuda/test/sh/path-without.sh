#!/bin/sh
# Makes a folder with links to the programs on the PATH but some, as on a machine that lacks these:
# src/cuda/test/sh/path-without.sh nvcc,chromium FOLDER
# "everything" hides all programs but those that any machine has which runs Maven.
set -eu
hidden=$1
folder=$2
rm -rf "$folder"
mkdir -p "$folder"
IFS=:
if [ "$hidden" = everything ]; then
  IFS=' '
  for program in sh bash basename cat chmod cp cut date dirname echo env expr false grep head id ln ls mkdir mktemp mv pwd \
    readlink rm rmdir sed sha256sum sleep sort tail tee test touch tr true uname uniq wc; do
    ln -s "$(command -v "/bin/$program" || command -v "/usr/bin/$program")" "$folder/$program"
  done
else
  for path in $PATH; do
    # A shim, as pyenv has them, looks for its program on the path again, and for itself.
    case $path in */shims) continue ;; esac
    # Of two programs of a name the first on the path is the one.
    ln -s "$path"/* "$folder" 2>/dev/null || true
  done
  IFS=,
  for program in $hidden; do
    rm -f "$folder/$program"
  done
fi
