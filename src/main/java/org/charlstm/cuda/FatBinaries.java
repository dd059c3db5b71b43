package org.charlstm.cuda;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Properties;

/** The code that nvcc made when the jar was built: for several architectures, without PTX. */
final class FatBinaries implements KernelImages {
    private final KernelFiles files;
    private final int toolkit;
    private final String architectures;

    private FatBinaries(KernelFiles files, Properties properties) {
        this.files = files;
        toolkit = Integer.parseInt(properties.getProperty("cuda"));
        architectures = properties.getProperty("architectures");
    }

    /** Those among the files, if nvcc was there to make them. */
    static Optional<FatBinaries> in(KernelFiles files) {
        if (files.read("toolkit.properties").isEmpty()) {
            return Optional.empty();
        }
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(files.text("toolkit.properties")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Optional.of(new FatBinaries(files, properties));
    }

    /**
     * Why a device cannot run them, if so. Machine code runs on the later minor versions of its own major one, and
     * under drivers of the toolkit's major version or a later one.
     *
     * @param driverVersion 1000 x major + 10 x minor
     * @param capability    the device's, for example 90
     */
    Optional<String> obstacle(int driverVersion, int capability) {
        if (driverVersion / 1000 < toolkit / 1000) {
            return Optional.of("the fat binary is of CUDA " + CudaDriver.versionText(toolkit)
                    + ", newer than the GPU driver's " + CudaDriver.versionText(driverVersion));
        }
        boolean served = Arrays.stream(architectures.split(" ")).mapToInt(Integer::parseInt)
                .anyMatch(built -> built / 10 == capability / 10 && built <= capability);
        return served ? Optional.empty()
                : Optional.of("the fat binary is for sm_" + architectures + ", which sm_" + capability + " cannot run");
    }

    @Override
    public byte[] image(Kernel kernel) {
        return files.require(kernel.entry() + ".fatbin");
    }

    @Override
    public String describe() {
        return "fat binary of CUDA " + CudaDriver.versionText(toolkit) + " for sm_" + architectures;
    }
}
