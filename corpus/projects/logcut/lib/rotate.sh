# shellcheck shell=bash
# Rotation of logs.

# Keeps N old files: FILE.1 is the newest.
rotate() {
  local keep=$1 file=$2 number
  if [[ ! $keep =~ ^[1-9][0-9]*$ ]]; then
    echo "logcut: can not keep $keep files" >&2
    exit 64
  fi
  for ((number = keep - 1; number >= 1; number--)); do
    if [[ -f $file.$number ]]; then
      mv -- "$file.$number" "$file.$((number + 1))"
    fi
  done
  mv -- "$file" "$file.1"
  : >"$file"
}
