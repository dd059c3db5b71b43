package org.charlstm.device.gpu.tools;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaInstallation;
import org.charlstm.cuda.CudaModule;
import org.charlstm.cuda.CudaSource;

/** charlstm's own kernels for a GPU: from the jar's fat binary if the GPU can run it, else compiled by NVRTC. */
public abstract class KernelImages {
    KernelImages() {
    }

    /** Kernels for a compute capability, such as 90. Throws if no source works, or not CHARLSTM_KERNELS' choice. */
    public static KernelImages of(CudaInstallation installation, int capability) {
        return new Choice((int) installation.driver().version(), capability, System.getenv(), JarFiles.IN_JAR,
                () -> installation.compiler(capability)).images();
    }

    /** Loads the kernel of a name, which is also the name of its file. */
    public abstract CudaModule load(Cuda gpu, String kernel);

    public abstract String describe();

    /**
     * The facts on which the choice depends. {@code driverVersion} is 1000 x major + 10 x minor. CHARLSTM_KERNELS in
     * the environment may force one of the two sources. {@code compiler} looks for NVRTC and describes it, only if
     * needed.
     */
    public record Choice(int driverVersion, int capability, Map<String, String> environment, JarFiles files,
            Supplier<String> compiler) {
        private static final String SETTING = "CHARLSTM_KERNELS";

        public KernelImages images() {
            String forced = environment.getOrDefault(SETTING, "");
            return switch (forced) {
                case "" -> either();
                case "fatbin" -> {
                    Optional<String> obstacle = obstacle();
                    if (obstacle.isPresent()) {
                        throw new CharlstmException(SETTING + " is fatbin, but " + obstacle.get());
                    }
                    yield FatBinary.in(files).orElseThrow();
                }
                case "nvrtc" -> {
                    try {
                        yield compiled();
                    } catch (CharlstmException e) {
                        throw new CharlstmException(SETTING + " is nvrtc, but " + e.getMessage(), e);
                    }
                }
                default -> throw new CharlstmException(SETTING + " is '" + forced + "'; it can be fatbin or nvrtc");
            };
        }

        private KernelImages either() {
            Optional<String> obstacle = obstacle();
            if (obstacle.isEmpty()) {
                return FatBinary.in(files).orElseThrow();
            }
            try {
                return compiled();
            } catch (CudaException e) {
                // If the driver fails, another NVRTC does not help.
                throw e;
            } catch (CharlstmException e) {
                throw new CharlstmException("no kernels for this GPU: " + obstacle.get() + "; nor does NVRTC serve: "
                        + e.getMessage() + "; install NVRTC, or build charlstm again where a fitting nvcc is", e);
            }
        }

        private Optional<String> obstacle() {
            return FatBinary.in(files).map(binary -> binary.obstacle(driverVersion, capability))
                    .orElse(Optional.of("charlstm was built without nvcc and has no fat binary"));
        }

        private KernelImages compiled() {
            return new Compiled(files, compiler.get());
        }
    }

    /** The kernels' files in the jar: their texts and, if the build had nvcc, their fat binaries. */
    @FunctionalInterface
    public interface JarFiles {
        JarFiles IN_JAR = name -> {
            try (InputStream file = JarFiles.class.getResourceAsStream("/org/charlstm/kernels/" + name)) {
                return file == null ? Optional.empty() : Optional.of(file.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };

        Optional<byte[]> read(String name);

        /** The content of a file that a complete jar must have. */
        default byte[] require(String name) {
            return read(name).orElseThrow(() -> new CharlstmException(
                    "the jar lacks the kernels' " + name + "; build it anew with mvn clean package"));
        }

        default String text(String name) {
            return new String(require(name), StandardCharsets.UTF_8);
        }
    }

    /** The texts, compiled where they are loaded. */
    public static final class Compiled extends KernelImages {
        private static final Pattern INCLUDE = Pattern.compile("^#include \"(.*)\"$", Pattern.MULTILINE);

        private final JarFiles files;
        private final String compiler;

        Compiled(JarFiles files, String compiler) {
            this.files = files;
            this.compiler = compiler;
        }

        /** The text of a kernel with all headers that it includes, directly or indirectly. */
        public static CudaSource source(JarFiles files, String kernel) {
            String text = files.text(kernel + ".cu");
            Map<String, String> headers = new TreeMap<>();
            Deque<String> texts = new ArrayDeque<>(List.of(text));
            while (!texts.isEmpty()) {
                INCLUDE.matcher(texts.remove()).results().map(found -> found.group(1))
                        .filter(name -> !headers.containsKey(name)).distinct().toList().forEach(name -> {
                            headers.put(name, files.text(name));
                            texts.add(headers.get(name));
                        });
            }
            return new CudaSource(kernel + ".cu", text, headers, List.of(), List.of());
        }

        @Override
        public CudaModule load(Cuda gpu, String kernel) {
            return gpu.compile(source(files, kernel));
        }

        @Override
        public String describe() {
            return compiler;
        }
    }

    /** The code that nvcc made when the jar was built: for several architectures, without PTX. */
    public static final class FatBinary extends KernelImages {
        private final JarFiles files;
        private final int toolkit;
        private final String architectures;

        private FatBinary(JarFiles files, Properties properties) {
            this.files = files;
            toolkit = Integer.parseInt(properties.getProperty("cuda"));
            architectures = properties.getProperty("architectures");
        }

        /** Empty if the build had no nvcc. */
        public static Optional<FatBinary> in(JarFiles files) {
            if (files.read("toolkit.properties").isEmpty()) {
                return Optional.empty();
            }
            Properties properties = new Properties();
            try {
                properties.load(new StringReader(files.text("toolkit.properties")));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return Optional.of(new FatBinary(files, properties));
        }

        /**
         * Why a device cannot run the fat binary; empty if it can. Machine code runs on its own and later minor
         * versions of its major compute capability, and under drivers of the toolkit's major version or a later one.
         */
        Optional<String> obstacle(int driverVersion, int capability) {
            if (driverVersion / 1000 < toolkit / 1000) {
                return Optional.of("the fat binary is of CUDA " + CudaInstallation.versionText(toolkit)
                        + ", newer than the GPU driver's " + CudaInstallation.versionText(driverVersion)
                        + ": update the driver");
            }
            boolean served = Arrays.stream(architectures.split(" ")).mapToInt(Integer::parseInt)
                    .anyMatch(built -> built / 10 == capability / 10 && built <= capability);
            return served ? Optional.empty() : Optional.of(
                    "the fat binary is for sm_" + architectures + ", which sm_" + capability + " cannot run");
        }

        public byte[] image(String kernel) {
            return files.require(kernel + ".fatbin");
        }

        @Override
        public CudaModule load(Cuda gpu, String kernel) {
            return gpu.load(kernel, image(kernel));
        }

        @Override
        public String describe() {
            return "fat binary of CUDA " + CudaInstallation.versionText(toolkit) + " for sm_" + architectures;
        }
    }
}
