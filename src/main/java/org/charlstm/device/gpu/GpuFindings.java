package org.charlstm.device.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Binding;
import org.charlstm.cuda.CudaProperties;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.CudaLibraries;
import org.charlstm.cuda.binding.CudaProcess;
import org.charlstm.cuda.binding.KernelImages;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.DeviceProvider.Requirement;
import org.charlstm.device.Head;
import org.charlstm.device.Memory;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.InputShape;

/**
 * Finds the parts that a GPU needs: the driver, cuBLAS, the kernels' machine code; and cuDNN, without which own kernels
 * run recurrent layers.
 */
final class GpuFindings {
    private static final double GIB = 1L << 30;

    /** The lab's LSTM: 173 steps of 128 sequences, 38 symbols, 128 units, in training. */
    static final Rnn.Shape LAB = new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(38), 128, 1), 173, 128, true);

    private static final String KERNELS = "kernels";
    private static final String CUDNN = "cuDNN";

    private GpuFindings() {
    }

    /** The first library that a binding misses for any GPU, or empty. */
    static Optional<String> missing(Supplier<CudaLibraries> libraries) {
        return missing(of(libraries), KERNELS + ".*");
    }

    /** The first thing that keeps every GPU from training, or empty. */
    static Optional<String> unavailable(Supplier<CudaLibraries> libraries) {
        List<Requirement> findings = of(libraries);
        return missing(findings, findings.stream().anyMatch(finding -> finding.present()
                && finding.subject().startsWith(KERNELS)) ? KERNELS + ".*" : "");
    }

    /** The first thing that is missing, apart from some subjects and cuDNN. */
    private static Optional<String> missing(List<Requirement> findings, String others) {
        return findings.stream().filter(finding -> !finding.present() && !finding.subject().equals(CUDNN)
                && !finding.subject().matches(others)).map(Requirement::text).findFirst();
    }

    /**
     * Everything through the binding that was asked for, and whether each binding works. A binding that nobody asked
     * for is not tried after a preferred one that works, since trying it runs its native code.
     */
    static List<Requirement> of(CudaProcess.Kind kind, DeviceOptions options) {
        Binding asked = options.gpu().binding();
        List<Requirement> findings = new ArrayList<>(of(() -> CudaProcess.libraries(kind, asked)));
        boolean served = false;
        for (Binding binding : CudaProcess.bindings()) {
            if (!served || binding == asked) {
                Supplier<CudaLibraries> libraries = () -> CudaProcess.libraries(kind, binding);
                Requirement finding =
                        missing(libraries).map(reason -> new Requirement(binding.toString(), false, reason))
                                .orElseGet(() -> found(binding.toString(), libraries.get(),
                                        each -> "serves, with cuBLAS " + each.cublas().version()));
                findings.add(finding);
                served |= finding.present();
            }
        }
        return findings;
    }

    /** The first thing that is missing for the first GPU, or empty. */
    private static Optional<String> missingForFirst(Supplier<CudaLibraries> libraries) {
        return missing(of(libraries), KERNELS + " [1-9].*");
    }

    /** Why {@code auto} does not take the first GPU, or empty. */
    static Optional<String> passedOver(Supplier<CudaLibraries> libraries) {
        // Only users who look for a GPU need to read which settings name a driver.
        return missingForFirst(libraries).map(reason -> reason.startsWith("no libcuda") ? "no NVIDIA driver is here"
                : reason).or(() -> {
                    try {
                        CudaDriver driver = libraries.get().driver();
                        return GpuProvider.isSimulated(driver.deviceName(driver.device(0)))
                                ? Optional.of("the driver is the simulated GPU's, which is taken only by name")
                                : Optional.empty();
                    } catch (CharlstmException e) {
                        return Optional.of(e.getMessage());
                    }
                });
    }

    /** Everything in the order in which it is needed; without a driver nothing else. */
    static List<Requirement> of(Supplier<CudaLibraries> supplier) {
        List<Requirement> findings = new ArrayList<>();
        CudaLibraries libraries;
        try {
            libraries = supplier.get();
            CudaDriver driver = libraries.driver();
            findings.add(new Requirement("GPU driver", true,
                    "CUDA " + CudaDriver.versionText(driver.version()) + ", " + driver.place()));
        } catch (CharlstmException e) {
            return List.of(new Requirement("GPU driver", false, e.getMessage()));
        }
        List<Requirement> gpus = gpus(libraries.driver());
        findings.addAll(gpus);
        findings.add(found("cuBLAS", libraries, each -> each.cublas().version() + ", " + each.cublas().place()));
        Requirement cudnn = found(CUDNN, libraries, each -> each.cudnn().versionText() + ", " + each.cudnn().place());
        findings.add(cudnn.present() ? cudnn
                : new Requirement(CUDNN, false, cudnn.text()
                        + "; charlstm's own kernels run recurrent layers instead, slower"));
        for (int i = 0; i < gpus.size() && gpus.get(i).present(); i++) {
            int number = i;
            newerThanCudnn(libraries, number).ifPresent(findings::add);
            findings.add(found(KERNELS + " " + number, libraries, each -> KernelImages.of(each,
                    CudaProperties.capability(each.driver(), each.driver().device(number))).describe()));
        }
        texts(libraries).ifPresent(findings::add);
        return findings;
    }

    /** The way a program's own texts run on the simulated GPU; empty without one, or where none compile. */
    private static Optional<Requirement> texts(CudaLibraries libraries) {
        try {
            return libraries.nvrtc().mode().map(mode -> new Requirement("texts", true, mode));
        } catch (CharlstmException e) {
            return Optional.empty();
        }
    }

    /** Empty for a GPU that cuDNN knows, or if cuDNN is missing, which another line says. */
    private static Optional<Requirement> newerThanCudnn(CudaLibraries libraries, int number) {
        try {
            CudaDriver driver = libraries.driver();
            return libraries.newerThanCudnn(CudaProperties.capability(driver, driver.device(number)))
                    .map(what -> new Requirement(CUDNN + " for " + number, true, what));
        } catch (CharlstmException e) {
            return Optional.empty();
        }
    }

    private static List<Requirement> gpus(CudaDriver driver) {
        List<Requirement> gpus = new ArrayList<>();
        try {
            for (int i = 0; i < driver.deviceCount(); i++) {
                int device = driver.device(i);
                int capability = CudaProperties.capability(driver, device);
                gpus.add(new Requirement("GPU " + i, true, String.format(Locale.ROOT,
                        "%s, compute capability %s, %.1f GiB", driver.deviceName(device),
                        CudaProperties.capabilityText(capability), driver.totalMemory(device) / GIB)));
            }
        } catch (CharlstmException e) {
            gpus.add(new Requirement("GPU " + gpus.size(), false, e.getMessage()));
        }
        return gpus.isEmpty() ? List.of(new Requirement("GPU", false,
                "the GPU driver sees no GPU; check nvidia-smi and CUDA_VISIBLE_DEVICES")) : gpus;
    }

    private static Requirement found(String subject, CudaLibraries libraries, Function<CudaLibraries, String> text) {
        try {
            return new Requirement(subject, true, text.apply(libraries));
        } catch (CharlstmException e) {
            return new Requirement(subject, false, e.getMessage());
        }
    }

    /** The engine of an LSTM with a head as wide above it: opens the device, which measures its candidates. */
    static Requirement engine(Supplier<Device> opener, Rnn.Shape shape) {
        try (Device device = opener.get(); Memory memory = device.memory()) {
            int units = shape.hidden();
            Head.Shape head = new Head.Shape(units, units, shape.input().columns(), Activation.RELU,
                    List.of(shape.rows()));
            device.operations().rnn(memory, shape, 0, head);
            device.operations().head(memory, head, 0);
            return new Requirement(Requirement.ENGINE, true, String.join("; ", device.choices()));
        } catch (CharlstmException e) {
            return new Requirement(Requirement.ENGINE, false, e.getMessage());
        }
    }
}
