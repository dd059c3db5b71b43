package org.charlstm.device.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaInstallation;
import org.charlstm.cuda.CudaOptions;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceProvider;
import org.charlstm.device.DeviceProvider.Requirement;

/** Opens NVIDIA GPUs. */
public class GpuProvider implements DeviceProvider {
    /** Whether the libraries are the simulated GPU's; an environment variable can ask for these. */
    boolean simulated() {
        return CudaOptions.ofEnvironment().simulated();
    }

    /** Whether a GPU of this name is the simulated one, whose times mean nothing. */
    public static boolean isSimulated(String name) {
        return name.equals(Simulated.DEVICE_NAME);
    }

    private CudaOptions cuda(DeviceOptions options) {
        return new CudaOptions(options.number(), options.gpu().binding(), simulated());
    }

    final CudaInstallation libraries(DeviceOptions options) {
        return CudaInstallation.of(cuda(options));
    }

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public boolean numbered() {
        return true;
    }

    @Override
    public final boolean precisions() {
        return true;
    }

    @Override
    public final Optional<String> unavailable(DeviceOptions options) {
        return GpuFindings.unavailable(() -> libraries(options));
    }

    @Override
    public Optional<String> passedOver(DeviceOptions options) {
        return GpuFindings.passedOver(() -> libraries(options));
    }

    @Override
    public final List<Requirement> requirements(DeviceOptions options) {
        List<Requirement> findings;
        try {
            findings = new ArrayList<>(GpuFindings.of(cuda(options)));
        } catch (CharlstmException e) {
            return List.of(new Requirement("GPU driver", false, e.getMessage()));
        }
        if (passedOver(options).isEmpty()) {
            findings.add(GpuFindings.engine(() -> open(options), GpuFindings.LAB));
        }
        return findings;
    }

    @Override
    public Device open(DeviceOptions options) {
        CudaInstallation libraries = libraries(options);
        int count = libraries.gpus().size();
        if (options.number() >= count) {
            throw new CharlstmException("there is no device cuda:" + options.number() + "; the driver sees " + count
                    + " GPU" + (count == 1 ? "" : "s") + ", counted from 0");
        }
        LongSupplier clock = simulated() ? null : System::nanoTime;
        return new GpuDevice(name(), libraries, options, clock);
    }

    /** Opens the simulated GPU, which runs all of the GPU's code on the CPU: for correctness, not for speed. */
    public static final class Simulated extends GpuProvider {
        /** The simulated driver's name of its device. */
        static final String DEVICE_NAME = "charlstm simulated GPU";

        @Override
        boolean simulated() {
            return true;
        }

        @Override
        public String name() {
            return "cudasim";
        }

        @Override
        public boolean numbered() {
            return false;
        }

        @Override
        public Optional<String> passedOver(DeviceOptions options) {
            return Optional.of("it is taken only by name");
        }

        @Override
        public Device open(DeviceOptions options) {
            return new GpuDevice(name(), libraries(options), options, null);
        }
    }
}
