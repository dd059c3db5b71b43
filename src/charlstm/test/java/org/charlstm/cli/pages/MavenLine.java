package org.charlstm.cli.pages;

import module java.base;
import org.charlstm.Sources;

/**
 * Command lines of Maven for one who works on the project. Each runs a part of what {@code mvn verify} runs, in which
 * {@code .ci/run} begins: here their words are held to the project.
 */
final class MavenLine {
    /** Of Maven itself. */
    private static final Set<String> PROPERTIES = Set.of("skipTests", "groups", "excludedGroups");

    private MavenLine() {
    }

    /**
     * Whether a line is of tests, of a module, of a plugin's goal or of another project, and each class, profile,
     * property and project that it names is there. A script of {@code .ci} takes such words after those of its own,
     * with which {@code .ci/run} must call it.
     */
    static boolean isUnderstood(List<String> words, CiScripts ci) {
        boolean script = words.getFirst().startsWith(".ci/");
        boolean part = words.stream().anyMatch(word -> word.matches("test|-f|-pl|.*:.*"));
        int own = script ? (int) words.stream().takeWhile(word -> !isOfMaven(word)).count() : 1;
        if (!(script ? ci.run(words.subList(0, own)) : words.getFirst().equals("mvn") && part)) {
            return false;
        }
        Path pom = words.contains("-f") ? Path.of(words.get(words.indexOf("-f") + 1)) : Path.of("pom.xml");
        String project = text(pom);
        for (int i = own; i < words.size(); i++) {
            String word = words.get(i);
            boolean there = switch (word) {
                case "-P" -> Arrays.stream(words.get(++i).split(",", -1)).allMatch(
                        profile -> project.contains("<id>" + profile + "</id>"));
                case "-f" -> Files.exists(Path.of(words.get(++i)));
                case "-pl" -> project.contains("<module>" + words.get(++i) + "</module>");
                case "-q", "-B", "-o", "-am", "test", "verify", "package", "install" -> true;
                default -> word.startsWith("-Dtest=") ? areTests(word.substring(7))
                        : word.startsWith("-D") ? isProperty(word.substring(2).replaceFirst("=.*", ""), project)
                        : word.matches("[a-z]+:[a-z]+")
                                && project.contains("<artifactId>" + word.replaceFirst(":.*", "-maven-plugin<"));
            };
            if (!there) {
                throw new AssertionError("in " + words + " there is no " + word);
            }
        }
        return true;
    }

    private static boolean isOfMaven(String word) {
        return word.matches("-.*|test|verify|package|install");
    }

    /** Names of classes with stars, a method after a #; three dots stand for any. */
    private static boolean areTests(String list) {
        return Arrays.stream(list.split(",", -1)).allMatch(each -> {
            String[] parts = each.split("#", 2);
            String name = parts[0].replace("*", ".*") + "\\.java";
            return each.equals("...") || Sources.files(Sources.TESTS).stream()
                    .filter(file -> file.getFileName().toString().matches(name))
                    .anyMatch(file -> parts.length == 1 || text(file).contains(" " + parts[1] + "("));
        });
    }

    /** One of Maven's, of the project's or of a test's. */
    private static boolean isProperty(String name, String project) {
        if (PROPERTIES.contains(name) || project.contains("<" + name + ">") || project.contains("${" + name + "}")) {
            return true;
        }
        return Sources.files(Sources.TESTS).stream().map(MavenLine::text).collect(Collectors.joining())
                .contains("(\"" + name + "\"");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
