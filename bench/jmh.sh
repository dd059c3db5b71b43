#!/usr/bin/env bash
# Builds the benchmarks of bench/java and runs them: bench/jmh.sh [PATTERN] [JMH OPTION]...; -h lists JMH's options.
# bench/jmh.sh --main NAME [ARGUMENT]... runs one of the programs there instead: OperationTable, SizeTable, Denormals.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=../charlstm
source "$root/charlstm"
set -e
find_jdk
main=org.openjdk.jmh.Main
if [ "${1:-}" = --main ]; then
  main=org.charlstm.jmh.${2:?--main needs a name}
  shift 2
fi
cd "$root"
JAVA_HOME=$jdk mvn -q -B -P bench test-compile dependency:build-classpath -DskipTests -Dmdep.outputFile=target/bench.cp
exec "$jdk/bin/java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
  -XX:ObjectAlignmentInBytes=64 -cp "target/test-classes:target/classes:$(<target/bench.cp)" "$main" "$@"
