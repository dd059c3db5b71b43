package org.charlstm.device.gpu.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The list of kernels agrees with their files and with the PTX that nvcc makes. */
class KernelSignatureTest {
    private static final Path KERNELS = Path.of("kernels");
    private static final Path PTX = Path.of("target", "kernels", "sm_90");
    private static final Pattern ENTRY =
            Pattern.compile("__global__ void (?:CLUSTER_OF\\([^)]*\\) )?(?:__launch_bounds__\\([^)]*\\) )?(\\w+)"
                    + "\\(([^)]*)\\)");
    private static final Pattern PTX_ENTRY = Pattern.compile("\\.entry (\\w+)\\(([^)]*)\\)");
    private static final Pattern PTX_PARAMETER = Pattern.compile("\\.param (?:\\.align \\d+ )?\\.(\\w+)( \\.ptr)?");

    private static final String WAIT = "griddepcontrol.wait";
    private static final Pattern WRITE = Pattern.compile("(?:st|atom|red)\\.(?:[a-z.]+\\.)?global");
    private static final Pattern ACCESS =
            Pattern.compile(WRITE + "|(?:ld|ldu)\\.(?:[a-z.]+\\.)?global|cp\\.async|\\bcall\\b");

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(KERNELS)) {
            return files.filter(file -> file.toString().endsWith(".cu"))
                    .sorted(Comparator.comparing(Path::getFileName)).toList();
        }
    }

    @Test
    void everyFileIsInTheListAndTheOtherWayRound() throws IOException {
        assertEquals(Arrays.stream(Kernel.values()).map(kernel -> kernel.entry() + ".cu").sorted().toList(),
                files().stream().map(file -> file.getFileName().toString()).toList());
    }

    @ParameterizedTest
    @EnumSource
    void everyFileHasOneEntryOfItsNameThatTakesWhatTheListSays(Kernel kernel) throws IOException {
        String text =
                Files.readString(files().stream().filter(file -> file.endsWith(kernel.entry() + ".cu")).findFirst()
                        .orElseThrow());
        Matcher entry = ENTRY.matcher(text);
        assertTrue(entry.find(), "no entry");
        assertEquals(kernel.entry(), entry.group(1));
        assertEquals(kernel.kinds(), Arrays.stream(entry.group(2).split(",")).map(KernelSignatureTest::kind)
                .collect(Collectors.joining()), entry.group(2));
        assertTrue(text.contains("extern \"C\" __global__ void "), "the entry's name is mangled");
        assertTrue(!entry.find(), "a second entry: " + text);
        String header = text.lines().takeWhile(line -> line.startsWith("//")).collect(Collectors.joining(" "));
        assertTrue(header.contains("Bytes: ") && header.contains("FLOPs: "), "what it moves and computes: " + header);
    }

    private static String kind(String parameter) {
        String type = parameter.strip().replaceAll("\\s*\\w+$", "");
        return switch (type) {
            case "int" -> "i";
            case "long long", "u64" -> "l";
            case "float" -> "f";
            case "double" -> "d";
            default -> type.replaceAll(" __restrict__$", "").endsWith("*") ? "p" : "a parameter of type " + type;
        };
    }

    /** From the build, which has compiled each in a unit of its own. */
    @Test
    @Needs(Need.NVCC)
    void nvccMakesOfEachWhatTheListSays() throws IOException {
        for (Kernel kernel : Kernel.values()) {
            Matcher entry = PTX_ENTRY.matcher(Files.readString(PTX.resolve(kernel.entry() + ".ptx")));
            assertTrue(entry.find(), kernel + " has no entry");
            assertEquals(kernel.entry(), entry.group(1));
            assertTrue(fits(entry.group(2), kernel.kinds()), kernel + " takes " + kernel.kinds() + " by the list, but"
                    + entry.group(2));
            assertTrue(!entry.find(), kernel + " has a second entry");
        }
    }

    /** As docs/kernel-model.md has it for early launches: some kernels of whole sequences read their weights before. */
    @ParameterizedTest
    @EnumSource
    @Needs(Need.NVCC)
    void waitsForTheLaunchBeforeItsFirstAccess(Kernel kernel) throws IOException {
        Pattern access = kernel.entry().matches("\\w+_(fused_backward|(tensor|cluster\\d*)_(forward|backward))") ? WRITE
                : ACCESS;
        String first = Files.readAllLines(PTX.resolve(kernel.entry() + ".ptx")).stream()
                .filter(line -> line.contains(WAIT) || access.matcher(line).find()).findFirst().orElseThrow();
        assertTrue(first.contains(WAIT), first);
    }

    /** PTX knows pointers as such in newer versions alone; in others they are 64 bits. */
    private static boolean fits(String parameters, String kinds) {
        Matcher parameter = PTX_PARAMETER.matcher(parameters);
        for (int i = 0; i < kinds.length(); i++) {
            char kind = kinds.charAt(i);
            String type = switch (kind) {
                case 'p', 'l' -> "u64";
                case 'i' -> "u32";
                case 'f' -> "f32";
                default -> "f64";
            };
            if (!parameter.find() || !parameter.group(1).equals(type)
                    || (parameter.group(2) != null && kind != 'p')) {
                return false;
            }
        }
        return !parameter.find();
    }
}
