#!/usr/bin/env bash
# Builds the benchmarks of bench/java and runs them: bench/jmh.sh [PATTERN] [JMH OPTION]...; -h lists JMH's options.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=../charlstm
source "$root/charlstm"
set -e
find_jdk
cd "$root"
JAVA_HOME=$jdk mvn -q -B -P bench test-compile dependency:build-classpath -DskipTests -Dmdep.outputFile=target/bench.cp
exec "$jdk/bin/java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
  -XX:ObjectAlignmentInBytes=64 -cp "target/test-classes:target/classes:$(<target/bench.cp)" org.openjdk.jmh.Main "$@"
