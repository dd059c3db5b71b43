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
else
  # By default JMH prints what failed, leaves it out of its table and ends with 0.
  set -- -foe true "$@"
fi
cd "$root"
JAVA_HOME=$jdk mvn -q -B test-compile dependency:build-classpath -Dmdep.outputFile=target/bench.cp
libraries=$(<target/bench.cp)
rm -rf target/bench
# JMH generates code from the annotations.
"$jdk/bin/javac" -proc:full -processorpath "$libraries" -nowarn --add-modules jdk.incubator.vector \
  -cp "target/test-classes:target/classes:$libraries" -d target/bench $(find bench/java -name "*.java") 2>&1 |
  { grep -v "^warning:\|^Note:" >&2 || :; }
exec "$jdk/bin/java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
  -XX:ObjectAlignmentInBytes=64 -cp "target/bench:target/test-classes:target/classes:$libraries" "$main" "$@"
