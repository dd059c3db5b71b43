#!/usr/bin/env bash
# Packs the simulated GPU for programs in any language: native/package.sh [OUT_DIR] makes
# OUT_DIR/charlstm-cudasim-VERSION-linux-x86_64.tar.gz, in target without a name; equal sources and tools give equal bytes.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
out="${1:-$here/../target}"
[ "$(uname -sm)" = "Linux x86_64" ] || { echo "native/package.sh: packs for Linux x86_64, and this is $(uname -sm)" >&2; exit 1; }
version="$(sed -n 's|^  <version>\(.*\)</version>$|\1|p' "$here/../pom.xml" | head -n 1)"
name="charlstm-cudasim-$version"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
"$here/build.sh" "$work/built"
mkdir -p "$work/$name/lib" "$out"
cp -P "$work/built"/lib*.so* "$work/built/libcudart_static.a" "$work/$name/lib"
# Debug symbols and paths of this machine.
find "$work/$name/lib" -type f -exec strip --strip-debug {} +
# The newest versions that a library asks for: GLIBC 2.34 and GLIBCXX 3.4.29, for example.
needs() {
  objdump -T "$work/$name/lib"/*.so* | grep -o "$1_[0-9.]*" | sort -Vu | tail -n 1 | tr _ ' '
}
sed -e "s/@VERSION@/$version/" -e "s/@GLIBC@/$(needs GLIBC)/" -e "s/@GLIBCXX@/$(needs GLIBCXX)/" "$here/package.md" \
  >"$work/$name/README.md"
cp "$here/cudasim" "$here/../LICENSE" "$work/$name"
file="$out/$name-linux-x86_64.tar.gz"
tar -C "$work" --sort=name --mtime=@1767225600 --owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw -c "$name" |
  gzip -n >"$file.new"
mv "$file.new" "$file"
echo "$file"
