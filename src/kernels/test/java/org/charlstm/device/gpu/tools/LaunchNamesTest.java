package org.charlstm.device.gpu.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.junit.jupiter.api.Test;

/** At a launch with many arguments, the words of each hold the name of its parameter: two that are swapped show. */
class LaunchNamesTest {
    /** A launch with no more arguments is read at a glance. */
    private static final int FEW = 6;
    /** Parameters that Java calls by a name of its own: cuDNN's y and dy, and the tensors of all cells. */
    private static final Map<String, String> OTHERWISE = Map.of("input", "x.", "output", "y.", "hidden", "y()",
            "output_gradient", "dy()", "input_gradients", "ofinput", "sum_gradients", "ofinput", "recurrent_gradients",
            "ofrecurrent", "rates", "factors", "n", "size", "slots", "order");
    private static final Pattern COMMENT = Pattern.compile("//.*");
    private static final Pattern PARAMETERS = Pattern.compile("__global__[^;{]*?(\\w+)\\(([^;{)]*)\\) *\\{");
    private static final Pattern LAUNCH = Pattern.compile("kernels\\.(?:each|launch\\w*)\\(\\s*Kernel\\.(\\w+),");

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }

    /** The names of each kernel's parameters. */
    private static Map<String, List<String>> parameters() throws IOException {
        Map<String, List<String>> parameters = new HashMap<>();
        for (Path file : files(Path.of("kernels"), ".cu")) {
            String code = COMMENT.matcher(Files.readString(file)).replaceAll("");
            PARAMETERS.matcher(code).results().forEach(found -> parameters.put(found.group(1).toUpperCase(Locale.ROOT),
                    Arrays.stream(found.group(2).split(",")).map(one -> one.replaceAll(".*\\W", "")).toList()));
        }
        return parameters;
    }

    /** The arguments from a place on to the bracket that closes the call. */
    private static List<String> arguments(String code, int from) {
        List<String> arguments = new ArrayList<>();
        int depth = 0;
        int start = from;
        for (int i = from;; i++) {
            char c = code.charAt(i);
            if (depth == 0 && (c == ',' || c == ')')) {
                arguments.add(code.substring(start, i).strip());
                start = i + 1;
                if (c == ')') {
                    return arguments;
                }
            }
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        }
    }

    private static boolean names(String argument, String parameter) {
        String words = argument.toLowerCase(Locale.ROOT);
        return words.contains(parameter.replace("_", ""))
                || words.contains(OTHERWISE.getOrDefault(parameter, parameter));
    }

    @Test
    void anArgumentNamesItsParameter() throws IOException {
        Map<String, List<String>> parameters = parameters();
        List<String> nameless = new ArrayList<>();
        int launches = 0;
        for (Path file : files(Path.of("src/kernels/main/java"), ".java")) {
            String code = Files.readString(file);
            for (MatchResult launch : LAUNCH.matcher(code).results().toList()) {
                List<String> names = parameters.get(launch.group(1));
                List<String> all = arguments(code, launch.end());
                if (names != null && names.size() > FEW) {
                    List<String> given = all.subList(all.size() - names.size(), all.size());
                    launches++;
                    IntStream.range(0, names.size()).filter(i -> !names(given.get(i), names.get(i)))
                            .forEach(i -> nameless.add("%s: %s of %s is %s".formatted(file.getFileName(), names.get(i),
                                    launch.group(1), given.get(i))));
                }
            }
        }
        assertTrue(launches > 20, "only " + launches + " launches were found");
        assertEquals(List.of(), nameless);
    }
}
