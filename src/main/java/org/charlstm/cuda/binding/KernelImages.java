package org.charlstm.cuda.binding;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;

/** The machine code for a device: from the jar's fat binary where it serves, else compiled by NVRTC. */
public abstract class KernelImages {
    KernelImages() {
    }

    /**
     * The code for a device of a compute capability.
     *
     * @param capability for example 90
     * @throws CharlstmException if neither serves, or the one does not that CHARLSTM_KERNELS names
     */
    public static KernelImages of(CudaLibraries libraries, int capability) {
        return new Choice(libraries.driver().version(), capability, System.getenv(), JarFiles.IN_JAR, libraries::nvrtc)
                .images();
    }

    /**
     * Compiles a text by NVRTC for a device, unless the code is kept on disk.
     *
     * @param capability for example 90
     * @param headers    what the text includes, by name
     * @param options    the compiler's, besides the architecture
     * @return a CUBIN
     * @throws CharlstmException if NVRTC does not serve, or the text does not compile
     */
    public static byte[] compile(CudaLibraries libraries, int capability, String name, String text,
            Map<String, String> headers, List<String> options) {
        return new Choice(libraries.driver().version(), capability, System.getenv(), JarFiles.IN_JAR, libraries::nvrtc)
                .compiler().compile(name, text, headers, options);
    }

    /**
     * The code of the kernel of a name, which is also its file's.
     *
     * @return a CUBIN or fat binary that the device takes
     * @throws CharlstmException if there is none
     */
    public abstract byte[] image(String kernel);

    /** In a line, for a person. */
    public abstract String describe();

    /**
     * The facts on which the choice depends.
     *
     * @param driverVersion 1000 x major + 10 x minor
     * @param capability    the device's, for example 90
     * @param environment   whose CHARLSTM_KERNELS may force one of the two
     * @param nvrtc         looks for NVRTC, and is asked only when it is needed
     */
    record Choice(int driverVersion, int capability, Map<String, String> environment, JarFiles files,
            Supplier<Nvrtc> nvrtc) {
        private static final String SETTING = "CHARLSTM_KERNELS";

        KernelImages images() {
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
                        yield compiler();
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
                return compiler();
            } catch (CudaException e) {
                // Another NVRTC does not mend a driver that fails.
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

        private CompiledKernels compiler() {
            Nvrtc found = nvrtc.get();
            if (found.version() / 1000 > driverVersion / 1000) {
                throw new CharlstmException("NVRTC " + CudaDriver.versionText(found.version()) + " (" + found.place()
                        + ") is newer than the GPU driver's CUDA " + CudaDriver.versionText(driverVersion)
                        + "; update the driver, or install the driver's own NVRTC");
            }
            return new CompiledKernels(found, files, new KernelCache(KernelCache.folder(environment)), capability);
        }
    }

    /** The kernels' files in the jar: their texts and, where the build had nvcc, their fat binaries. */
    @FunctionalInterface
    interface JarFiles {
        /** The jar's. */
        JarFiles IN_JAR = name -> {
            try (InputStream file = JarFiles.class.getResourceAsStream("/org/charlstm/kernels/" + name)) {
                return file == null ? Optional.empty() : Optional.of(file.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };

        /** A file's content, if it is there. */
        Optional<byte[]> read(String name);

        /** The content of a file without which the jar is not whole. */
        default byte[] require(String name) {
            return read(name).orElseThrow(() -> new CharlstmException(
                    "the jar lacks the kernels' " + name + "; build it anew with mvn clean package"));
        }

        default String text(String name) {
            return new String(require(name), StandardCharsets.UTF_8);
        }
    }

    /** The code that nvcc made when the jar was built: for several architectures, without PTX. */
    static final class FatBinary extends KernelImages {
        private final JarFiles files;
        private final int toolkit;
        private final String architectures;

        private FatBinary(JarFiles files, Properties properties) {
            this.files = files;
            toolkit = Integer.parseInt(properties.getProperty("cuda"));
            architectures = properties.getProperty("architectures");
        }

        /** Empty if the build had no nvcc. */
        static Optional<FatBinary> in(JarFiles files) {
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
         * Why a device cannot run it, if so. Machine code runs on the later minor versions of its own major one, and
         * under drivers of the toolkit's major version or a later one.
         */
        Optional<String> obstacle(int driverVersion, int capability) {
            if (driverVersion / 1000 < toolkit / 1000) {
                return Optional.of("the fat binary is of CUDA " + CudaDriver.versionText(toolkit)
                        + ", newer than the GPU driver's " + CudaDriver.versionText(driverVersion));
            }
            boolean served = Arrays.stream(architectures.split(" ")).mapToInt(Integer::parseInt)
                    .anyMatch(built -> built / 10 == capability / 10 && built <= capability);
            return served ? Optional.empty() : Optional.of(
                    "the fat binary is for sm_" + architectures + ", which sm_" + capability + " cannot run");
        }

        @Override
        public byte[] image(String kernel) {
            return files.require(kernel + ".fatbin");
        }

        @Override
        public String describe() {
            return "fat binary of CUDA " + CudaDriver.versionText(toolkit) + " for sm_" + architectures;
        }
    }
}
