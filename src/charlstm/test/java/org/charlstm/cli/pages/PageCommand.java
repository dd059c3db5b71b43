package org.charlstm.cli.pages;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * A command that a page tells its reader to type.
 *
 * @param block   the number of the first line of its block
 * @param line    the number of its first line
 * @param text    without its comment, its lines joined
 * @param need    what the comment {@code <!-- needs: ... -->} before its block says
 * @param console whether its block shows what it prints
 */
record PageCommand(Path page, int block, int line, String text, @Nullable String need, boolean console) {
    /** Languages of blocks that hold no commands; those of Java and the workflow have tests of their own. */
    private static final Set<String> PROGRAMS = Set.of("cmake", "java", "python", "xml", "yaml");
    private static final Pattern NEED = Pattern.compile("<!-- needs: (.*) -->");
    private static final Pattern INLINE = Pattern.compile("`([^`]+)`");
    private static final Pattern PROGRAM = Pattern.compile("(?:mvn|java bench/\\S+|\\.ci/\\w+|[\\w/]+\\.(?:sh|py)) .+");

    String at() {
        return page + ":" + line;
    }

    /** Its words as a shell makes them of a plain line, quotes and optional parts left out. */
    List<String> words() {
        String needed = text;
        for (String before = ""; !before.equals(needed);) {
            before = needed;
            needed = needed.replaceAll(" ?\\[[^\\[\\]]*]", "");
        }
        return words(needed);
    }

    static List<String> words(String line) {
        return Arrays.stream(line.replaceAll("[\"']", "").strip().split("\\s+", -1)).toList();
    }

    /** Those of a page: indented blocks, blocks with fences, and programs of the project in running text. */
    static List<PageCommand> of(Path page) throws IOException {
        List<PageCommand> commands = new ArrayList<>();
        List<String> lines = Files.readAllLines(page);
        String need = null;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.startsWith("```")) {
                int end = i + 1 + lines.subList(i + 1, lines.size()).indexOf("```");
                String language = line.substring(3);
                if (language.equals("console") || language.isEmpty()) {
                    addBlock(commands, page, i + 1, lines.subList(i + 1, end), need, language.equals("console"));
                } else {
                    assertTrue(PROGRAMS.contains(language), page + ":" + (i + 1) + " is of an unknown language");
                }
                i = end;
            } else if (line.startsWith("    ") && (i == 0 || lines.get(i - 1).isBlank())) {
                int end = i;
                while (end < lines.size() && (lines.get(end).startsWith("    ") || lines.get(end).isBlank())) {
                    end++;
                }
                addBlock(commands, page, i, lines.subList(i, end).stream().map(String::strip).toList(), need, false);
                i = end - 1;
            } else if (!line.isBlank()) {
                Matcher marked = NEED.matcher(line);
                need = marked.matches() ? marked.group(1) : null;
                if (marked.matches()) {
                    continue;
                }
                int end = i;
                while (end < lines.size() && !lines.get(end).isBlank() && !lines.get(end).startsWith("```")) {
                    end++;
                }
                int number = i + 1;
                INLINE.matcher(String.join(" ", lines.subList(i, end))).results().map(found -> found.group(1))
                        .filter(PROGRAM.asMatchPredicate())
                        .forEach(text -> commands.add(new PageCommand(page, number, number,
                                text.replaceFirst("^(?=\\w+\\.(?:sh|py) )", "bench/"), null, false)));
                i = end - 1;
                continue;
            }
            need = line.isBlank() ? need : null;
        }
        return commands;
    }

    /** A backslash at the end of a line joins the next; of a block that begins with a prompt, others are outputs. */
    private static void addBlock(List<PageCommand> commands, Path page, int first, List<String> lines,
            @Nullable String need, boolean console) {
        boolean prompts = lines.stream().anyMatch(line -> line.startsWith("$ "));
        for (int i = 0; i < lines.size(); i++) {
            int number = first + i + 1;
            StringBuilder text = new StringBuilder(lines.get(i));
            while (text.toString().endsWith("\\")) {
                text.setLength(text.length() - 1);
                text.append(lines.get(++i).strip());
            }
            String line = text.toString();
            if (!line.isBlank() && (!prompts || line.startsWith("$ "))) {
                commands.add(new PageCommand(page, first + 1, number,
                        line.replaceFirst("^\\$ ", "").replaceFirst(" {2,}#.*| {4,}.*", "").strip(), need, console));
            }
        }
    }

    /** Of the head of a program: what its comment indents. */
    static List<PageCommand> ofHead(Path program) throws IOException {
        List<PageCommand> commands = new ArrayList<>();
        List<String> lines = Files.readAllLines(program);
        for (int i = 0; i < lines.size() && lines.get(i).startsWith("//"); i++) {
            if (lines.get(i).startsWith("//     ")) {
                commands.add(new PageCommand(program, i + 1, i + 1, lines.get(i).substring(2).strip(), null, false));
            }
        }
        return commands;
    }

    /** Those of all pages in their order, and of the heads of the examples. */
    static List<PageCommand> all() throws IOException {
        List<PageCommand> commands = new ArrayList<>();
        for (String page : List.of("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "bench/README.md",
                "kernels/README.md", "native/README.md", "native/rules.md")) {
            commands.addAll(of(Path.of(page)));
        }
        for (Path page : sorted(Path.of("docs"), ".md")) {
            commands.addAll(of(page));
        }
        for (Path example : sorted(Path.of("examples"), "")) {
            commands.addAll(ofHead(example));
        }
        if (commands.size() < 100) {
            fail("only " + commands);
        }
        return commands;
    }

    private static List<Path> sorted(Path folder, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
        }
    }
}
