package org.charlstm.cuda;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.charlstm.CharlstmException;

/**
 * Which code a device gets: the jar's fat binary where it serves, else what NVRTC makes.
 *
 * @param driverVersion 1000 x major + 10 x minor
 * @param capability    the device's, for example 90
 * @param environment   whose CHARLSTM_KERNELS may force one of the two
 * @param nvrtc         looks for NVRTC, and is asked only when it is needed
 */
public record KernelChoice(int driverVersion, int capability, Map<String, String> environment, KernelFiles files,
        Supplier<Nvrtc> nvrtc) {
    private static final String SETTING = "CHARLSTM_KERNELS";

    /** For a device of a compute capability, as it is. */
    public static KernelImages of(CudaLibraries libraries, int capability) {
        return new KernelChoice(libraries.driver().version(), capability, System.getenv(), KernelFiles.IN_JAR,
                libraries::nvrtc).images();
    }

    /**
     * Chooses.
     *
     * @throws CharlstmException if neither serves, or the one that is forced does not
     */
    KernelImages images() {
        String forced = environment.getOrDefault(SETTING, "");
        return switch (forced) {
            case "" -> either();
            case "fatbin" -> {
                Optional<String> obstacle = obstacle();
                if (obstacle.isPresent()) {
                    throw new CharlstmException(SETTING + " is fatbin, but " + obstacle.get());
                }
                yield FatBinaries.in(files).orElseThrow();
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
            return FatBinaries.in(files).orElseThrow();
        }
        try {
            return compiled();
        } catch (CudaException e) {
            // A driver that fails is not mended by another NVRTC.
            throw e;
        } catch (CharlstmException e) {
            throw new CharlstmException("no kernels for this GPU: " + obstacle.get() + "; nor does NVRTC serve: "
                    + e.getMessage() + "; install NVRTC, or build charlstm again where a fitting nvcc is", e);
        }
    }

    private Optional<String> obstacle() {
        return FatBinaries.in(files).map(binaries -> binaries.obstacle(driverVersion, capability))
                .orElse(Optional.of("charlstm was built without nvcc and has no fat binary"));
    }

    private KernelImages compiled() {
        Nvrtc found = nvrtc.get();
        if (found.version() / 1000 > driverVersion / 1000) {
            throw new CharlstmException("NVRTC " + CudaDriver.versionText(found.version()) + " (" + found.place()
                    + ") is newer than the GPU driver's CUDA " + CudaDriver.versionText(driverVersion)
                    + "; update the driver, or install the driver's own NVRTC");
        }
        return new CompiledKernels(found, files, new KernelCache(KernelCache.folder(environment)), capability);
    }
}
