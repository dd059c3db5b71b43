package org.charlstm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.junit.jupiter.api.Test;

/** The build takes what it was tested with: others' actions by commit, images by digest, plugins by version. */
class SupplyChainTest {
    private static final Path WORKFLOWS = Path.of(".github", "workflows");
    /** The page has a workflow for its readers to copy. */
    private static final Path PAGE = Path.of("docs", "kernels.md");
    private static final Pattern ACTION = Pattern.compile("(?m)^\\s*-? ?uses: *(.*)$");
    private static final Pattern BY_COMMIT = Pattern.compile("[\\w./-]+@[0-9a-f]{40} # v[0-9.]+");
    private static final Pattern IMAGE = Pattern.compile("(?m)^ *(?:container|image): *(\\S+)");
    private static final Pattern ARGUMENT = Pattern.compile("(?m)^ARG +\\w+=(\\S+)");
    private static final Pattern FROM = Pattern.compile("(?m)^(?:FROM|COPY) +(?:--from=)?(\\S+)(?: +AS +(\\w+))?");
    private static final Pattern BY_DIGEST = Pattern.compile("[\\w./-]+:[\\w.-]+@sha256:[0-9a-f]{64}");
    private static final Pattern PLUGIN = Pattern.compile(
            "<plugin>\\s*(?:<!--.*?-->\\s*)?(?:<groupId>.*?</groupId>\\s*)?<artifactId>(.*?)</artifactId>"
                    + "(\\s*<version>[0-9.]+</version>)?",
            Pattern.DOTALL);
    /** Those of Maven's own lifecycles, which need no line in a pom. */
    private static final List<String> OF_MAVEN = Stream.of("clean", "resources", "compiler", "surefire", "jar",
            "install", "deploy", "site").map(name -> "maven-" + name + "-plugin").toList();

    private static List<Path> workflows() throws IOException {
        try (Stream<Path> files = Files.list(WORKFLOWS)) {
            return files.toList();
        }
    }

    private static List<String> found(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(each -> each.group(1)).toList();
    }

    private static void requireAll(Pattern form, List<String> values, Path file) {
        assertFalse(values.isEmpty(), () -> file + " has none");
        assertEquals(List.of(), values.stream().filter(each -> !form.matcher(each).matches()).toList(),
                file::toString);
    }

    @Test
    void actionsAreNamedByCommit() throws IOException {
        for (Path file : Stream.concat(workflows().stream(), Stream.of(PAGE)).toList()) {
            requireAll(BY_COMMIT, found(ACTION, Files.readString(file)), file);
        }
    }

    @Test
    void workflowsMayReadAndNoMore() throws IOException {
        for (Path file : Stream.concat(workflows().stream(), Stream.of(PAGE)).toList()) {
            String text = Files.readString(file);
            assertTrue(text.contains("\npermissions:\n  contents: read\njobs:"), file::toString);
            assertEquals(1, Pattern.compile("permissions:").matcher(text).results().count(), file::toString);
        }
    }

    @Test
    void imagesAreNamedByDigest() throws IOException {
        List<String> images = new ArrayList<>();
        for (Path file : workflows()) {
            images.addAll(found(IMAGE, Files.readString(file)));
        }
        requireAll(BY_DIGEST, images, WORKFLOWS);
        Path file = Path.of("Dockerfile");
        String text = Files.readString(file);
        requireAll(BY_DIGEST, found(ARGUMENT, text), file);
        List<MatchResult> stages =
                FROM.matcher(text).results().filter(each -> each.group().startsWith("FROM")).toList();
        assertFalse(stages.isEmpty());
        for (MatchResult stage : stages) {
            assertTrue(stage.group(1).startsWith("${"), stage::group);
        }
        Set<String> names = stages.stream().map(stage -> String.valueOf(stage.group(2))).collect(Collectors.toSet());
        FROM.matcher(text).results().filter(each -> each.group().contains("--from=")).forEach(
                copy -> assertTrue(names.contains(copy.group(1)), copy::group));
    }

    @Test
    void pluginsHaveVersions() throws IOException {
        // A profile may say more of a plugin that has its version above.
        Set<String> pinned = PLUGIN.matcher(Files.readString(Path.of("pom.xml"))).results()
                .filter(each -> each.group(2) != null).map(each -> each.group(1)).collect(Collectors.toSet());
        List<String> named = found(PLUGIN, Files.readString(Path.of("pom.xml")));
        assertEquals(List.of(),
                Stream.concat(named.stream(), OF_MAVEN.stream()).filter(name -> !pinned.contains(name)).toList());
    }

    /** A download whose checksum is wrong or missing ends the build. */
    @Test
    void checksumsAreHeldTo() throws IOException {
        assertTrue(Files.readAllLines(Path.of(".mvn", "maven.config")).contains("--strict-checksums"));
    }
}
