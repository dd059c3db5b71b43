#!/usr/bin/env bash
# Builds the benchmarks of bench/java and runs them: bench/jmh.sh [PATTERN] [JMH OPTION]...; -h lists JMH's options.
# bench/jmh.sh --main NAME [ARGUMENT]... runs one of the programs there instead: OperationTable, SizeTable.
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
# What was built from the same sources serves again.
if [ ! -f target/bench/built ] || [ -n "$(find pom.xml native/pom.xml src bench/java -newer target/bench/built -print -quit)" ]; then
  rm -rf target/bench
  begun=$(mktemp)
  JAVA_HOME=$jdk mvn -q -B test-compile -P unchecked dependency:build-classpath "-Dmdep.outputFile=$root/target/bench.cp"
  mkdir target/bench
  # JMH generates code from the annotations.
  "$jdk/bin/javac" -proc:full -processorpath "$(<target/bench.cp)" -nowarn --add-modules jdk.incubator.vector \
    -cp "target/test-classes:target/classes:$(<target/bench.cp)" -d target/bench $(find bench/java -name "*.java") 2>&1 |
    { grep -v "^warning:\|^Note:" >&2 || :; }
  mv "$begun" target/bench/built
fi
libraries=$(<target/bench.cp)
exec "$jdk/bin/java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
  -XX:ObjectAlignmentInBytes=64 -cp "target/bench:target/test-classes:target/classes:$libraries" "$main" "$@"
