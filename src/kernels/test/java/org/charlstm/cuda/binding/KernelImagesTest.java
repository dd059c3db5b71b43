package org.charlstm.cuda.binding;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaSource;
import org.charlstm.cuda.Gpus;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.KernelImages;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The code that a device gets, and the message if there is none. */
class KernelImagesTest {
    private static final String FAT = "fat binary of CUDA 13.0 for sm_75 80 90 100 120";
    @TempDir
    private Path cache;
    private final Map<String, String> files = new HashMap<>();
    private final Map<String, String> environment = new HashMap<>();
    private final List<String> calls = new ArrayList<>();
    private int version = 13010;
    private final FakeNvrtc compiler = (source, name, headers, options) -> {
        calls.add(String.join(" ", source, name, headers.toString(), options.toString()));
        return calls.getLast().getBytes(StandardCharsets.UTF_8);
    };

    private static final String SOURCE = "source\n#include \"rows.h\"\n";

    @BeforeEach
    void jar() {
        environment.put("CHARLSTM_CACHE", cache.toString());
        files.put("toolkit.properties", "cuda=13000\narchitectures=75 80 90 100 120\n");
        files.put("add.fatbin", "fat");
        files.put("add.cu", SOURCE);
        files.put("rows.h", "#include \"device.h\"");
        files.put("device.h", "header");
    }

    private final KernelImages.JarFiles jarFiles = name -> Optional.ofNullable(files.get(name))
            .map(text -> text.getBytes(StandardCharsets.UTF_8));

    private KernelImages choose(int driverVersion, int capability, Supplier<Nvrtc> nvrtc) {
        return new KernelImages.Choice(driverVersion, capability, environment, jarFiles,
                () -> KernelCompiler.of(nvrtc.get(), driverVersion, environment, capability).describe()).images();
    }

    private KernelCompiler compiler(int capability) {
        return KernelCompiler.of(compiler.at("/lib/nvrtc", () -> version), version, environment, capability);
    }

    /** The code of the fat binary, or of the compiler. */
    private byte[] image(KernelImages images, int capability) {
        if (images instanceof KernelImages.FatBinary binary) {
            return binary.image("add");
        }
        CudaSource source = KernelImages.Compiled.source(jarFiles, "add");
        return compiler(capability).compile(source).image();
    }

    private KernelImages choose(int driverVersion, int capability) {
        return choose(driverVersion, capability, () -> compiler.at("/lib/nvrtc", () -> version));
    }

    private static Nvrtc notAsked() {
        throw new AssertionError("NVRTC is looked for");
    }

    private String text(KernelImages images, int capability) {
        return new String(image(images, capability), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({"13000,75", "13000,80", "13000,86", "13010,90", "13000,103", "14000,121"})
    void theFatBinaryServesLaterMinorVersionsAndNoOneAsksForNvrtc(int driverVersion, int capability) {
        KernelImages images = choose(driverVersion, capability, KernelImagesTest::notAsked);
        assertEquals("fat", text(images, capability));
        assertEquals(FAT, images.describe());
    }

    /** Within a major version an older driver runs the code of a newer toolkit. */
    @ParameterizedTest
    @CsvSource({"12000", "12080", "12090", "13000"})
    void aToolkitOfCuda12ServesEveryDriverSince(int driverVersion) {
        files.put("toolkit.properties", "cuda=12080\narchitectures=75 80 90 100 120\n");
        assertEquals("fat", text(choose(driverVersion, 90, KernelImagesTest::notAsked), 90));
    }

    @ParameterizedTest
    @CsvSource({"13000,72", "13000,110", "13000,130", "13000,70"})
    void anArchitectureThatIsNotInItIsCompiled(int driverVersion, int capability) {
        KernelImages images = choose(driverVersion, capability);
        assertEquals(SOURCE + " add.cu {device.h=header, rows.h=#include \"device.h\"} [--gpu-architecture=sm_"
                + capability + ", --device-as-default-execution-space]", text(images, capability));
        assertEquals("compiled by NVRTC 13.1 (/lib/nvrtc) for sm_" + capability + ", cached in "
                + cache.resolve("kernels"), images.describe());
    }

    @Test
    void aMinorVersionBeforeAllInItsMajorOneIsCompiled() {
        files.put("toolkit.properties", "cuda=13000\narchitectures=89 90\n");
        assertTrue(choose(13000, 86).describe().startsWith("compiled"));
    }

    @Test
    void aDriverThatIsOlderThanTheToolkitHasThemCompiled() {
        version = 12090;
        assertTrue(choose(12090, 90).describe().startsWith("compiled by NVRTC 12.9"));
    }

    @Test
    void withoutAFatBinaryTheyAreCompiled() {
        files.remove("toolkit.properties");
        assertTrue(choose(13000, 90).describe().startsWith("compiled"));
    }

    @Test
    void compiledCodeIsCachedUntilAnInputChanges() throws IOException {
        files.remove("toolkit.properties");
        byte[] first = image(choose(13000, 90), 90);
        assertArrayEquals(first, image(choose(13000, 90), 90));
        assertEquals(1, calls.size());
        files.put("add.cu", SOURCE + " 2");
        image(choose(13000, 90), 90);
        files.put("device.h", "header 2");
        image(choose(13000, 90), 90);
        image(choose(13000, 100), 100);
        version = 13000;
        image(choose(13000, 100), 100);
        assertEquals(5, calls.size(), "something that matters is not in the key");
        try (Stream<Path> kept = Files.list(cache.resolve("kernels"))) {
            for (Path file : kept.toList()) {
                Files.writeString(file, "nonsense, but longer than the checksum that is before the code");
            }
        }
        assertTrue(text(choose(13000, 100), 100).startsWith(SOURCE + " 2"));
        assertEquals(6, calls.size());
    }

    @Test
    void aSettingForcesEither() {
        environment.put("CHARLSTM_KERNELS", "nvrtc");
        assertTrue(choose(13000, 90).describe().startsWith("compiled"));
        environment.put("CHARLSTM_KERNELS", "fatbin");
        assertEquals(FAT, choose(13000, 90, KernelImagesTest::notAsked).describe());
        assertRefused("CHARLSTM_KERNELS is fatbin, but the fat binary is for sm_75 80 90 100 120, which sm_110 cannot "
                + "run", () -> choose(13000, 110, KernelImagesTest::notAsked));
        environment.put("CHARLSTM_KERNELS", "");
        assertEquals(FAT, choose(13000, 90, KernelImagesTest::notAsked).describe());
    }

    @Test
    void aSettingThatMeansNothingIsRefused() {
        environment.put("CHARLSTM_KERNELS", "ptx");
        assertRefused("CHARLSTM_KERNELS is 'ptx'; it can be fatbin or nvrtc", () -> choose(13000, 90));
    }

    @Test
    void whereNeitherServesALineSaysWhyAndWhatToDo() {
        Supplier<Nvrtc> none = () -> {
            throw new CharlstmException("no libnvrtc; set CHARLSTM_LIBNVRTC to its file");
        };
        String message = assertRefused("the fat binary is of CUDA 13.0, newer than the GPU driver's 12.8: "
                + "update the driver; ", () -> choose(12080, 90, none));
        assertTrue(message.contains("no libnvrtc; set CHARLSTM_LIBNVRTC to its file")
                && message.contains("install NVRTC, or build charlstm again"), message);
        files.remove("toolkit.properties");
        assertRefused("built without nvcc", () -> choose(13000, 90, none));
        environment.put("CHARLSTM_KERNELS", "nvrtc");
        assertRefused("CHARLSTM_KERNELS is nvrtc, but no libnvrtc", () -> choose(13000, 90, none));
    }

    @Test
    void anNvrtcThatIsNewerThanTheDriverDoesNotServe() {
        assertRefused("NVRTC 13.1 (/lib/nvrtc) is newer than the GPU driver's CUDA 12.9", () -> choose(12090, 90));
    }

    @Test
    void aFileThatTheJarLacksIsNamed() {
        files.remove("add.fatbin");
        assertRefused("add.fatbin", () -> image(choose(13000, 90), 90));
    }

    /** The build's own files, and the stand-in for NVRTC behind the same interface. */
    @Test
    @Needs(Need.SIMULATED_NVRTC)
    void everyKernelIsThereBothWays() {
        KernelCompiler compiled = KernelCompiler.of(Gpus.libraries("panama"), 90);
        for (Kernel kernel : Kernel.values()) {
            CudaSource source = KernelImages.Compiled.source(KernelImages.JarFiles.IN_JAR, kernel.entry());
            String image = new String(compiled.compile(source).image(), StandardCharsets.UTF_8);
            assertTrue(image.contains("name " + kernel.entry() + ".cu\n"), image);
            assertTrue(image.contains(" " + kernel.entry() + "("), image);
            KernelImages.FatBinary.in(KernelImages.JarFiles.IN_JAR)
                    .ifPresent(binaries -> binaries.image(kernel.entry()));
        }
    }

    /** A card between two of these takes the text of the lower one. */
    @Test
    void textsAskForThreeArchitectures() throws IOException {
        Set<String> asked = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("kernels"))) {
            for (Path file : files.filter(each -> each.toString().matches(".*\\.(cu|h)")).toList()) {
                Pattern.compile("__CUDA_ARCH\\w+ *\\S* *(\\w*)").matcher(Files.readString(file)).results()
                        .forEach(found -> asked.add(found.group(1)));
            }
        }
        assertEquals(Set.of("750", "800", "900"), asked);
    }
}
