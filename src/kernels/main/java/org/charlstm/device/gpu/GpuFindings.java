package org.charlstm.device.gpu;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Binding;
import org.charlstm.cuda.CudaInstallation;
import org.charlstm.cuda.CudaOptions;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceProvider.Requirement;
import org.charlstm.device.Memory;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.gpu.tools.KernelImages;
import org.charlstm.device.spi.ComposedOperations;
import org.charlstm.device.spi.Head;

/** Finds what a GPU needs: the driver, cuBLAS, the kernels' code; and cuDNN, without which own kernels run RNNs. */
final class GpuFindings {
    /** The lab's LSTM: 173 steps of 128 sequences, 38 symbols, 128 units, in training. */
    static final Rnn.Shape LAB = new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(38), 128, 1), 173, 128, true);

    private static final String KERNELS = "kernels";
    private static final String CUDNN = "cuDNN";

    /** The first library that a binding misses for any GPU, or empty. */
    static Optional<String> missing(Supplier<CudaInstallation> libraries) {
        return missing(of(libraries), KERNELS + ".*");
    }

    /** The first thing that keeps every GPU from training, or empty. */
    static Optional<String> unavailable(Supplier<CudaInstallation> libraries) {
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
    static List<Requirement> of(CudaOptions options) {
        Binding asked = options.binding();
        List<Requirement> findings = new ArrayList<>(of(() -> CudaInstallation.of(options)));
        boolean served = false;
        for (Binding binding : CudaInstallation.bindings()) {
            if (!served || binding == asked) {
                Supplier<CudaInstallation> libraries = () -> CudaInstallation.of(options.with(binding));
                Requirement finding =
                        missing(libraries).map(reason -> new Requirement(binding.toString(), false, reason))
                                .orElseGet(() -> found(binding.toString(), libraries.get(),
                                        each -> "serves, with cuBLAS " + each.cublas().text()));
                findings.add(finding);
                served |= finding.present();
            }
        }
        return findings;
    }

    /** Why {@code auto} does not take the first GPU, or empty. */
    static Optional<String> passedOver(Supplier<CudaInstallation> libraries) {
        // Only users who look for a GPU need to read which settings name a driver.
        return missing(of(libraries), KERNELS + " [1-9].*")
                .map(reason -> reason.startsWith("no libcuda") ? "no NVIDIA driver is here"
                        : reason)
                .or(() -> {
                    try {
                        return GpuProvider.isSimulated(libraries.get().gpus().getFirst().name())
                                ? Optional.of("the driver is the simulated GPU's, which is taken only by name")
                                : Optional.empty();
                    } catch (CharlstmException e) {
                        return Optional.of(e.getMessage());
                    }
                });
    }

    /** Everything in the order in which it is needed; without a driver nothing else. */
    static List<Requirement> of(Supplier<CudaInstallation> supplier) {
        List<Requirement> findings = new ArrayList<>();
        CudaInstallation libraries;
        try {
            libraries = supplier.get();
            findings.add(new Requirement("GPU driver", true, "CUDA " + libraries.driver()));
        } catch (CharlstmException e) {
            return List.of(new Requirement("GPU driver", false, e.getMessage()));
        }
        List<Requirement> gpus = gpus(libraries);
        findings.addAll(gpus);
        findings.add(found("cuBLAS", libraries, each -> each.cublas().toString()));
        Requirement cudnn = found(CUDNN, libraries, each -> each.cudnn().toString());
        findings.add(cudnn.present() ? cudnn
                : new Requirement(CUDNN, false, cudnn.text()
                        + "; charlstm's own kernels run recurrent layers instead, slower"));
        for (int i = 0; i < gpus.size() && gpus.get(i).present(); i++) {
            int number = i;
            newerThanCudnn(libraries, number).ifPresent(findings::add);
            findings.add(found(KERNELS + " " + number, libraries, each -> KernelImages.of(each,
                    each.gpus().get(number).capability()).describe()));
        }
        texts(libraries).ifPresent(findings::add);
        for (int i = 0; i < gpus.size() && gpus.get(i).present(); i++) {
            GpuDevice.leftOut(libraries, i, System.getenv()).lines()
                    .forEach(line -> findings.add(new Requirement(Requirement.LEFT_OUT, true, line)));
        }
        return findings;
    }

    /** The way a program's own texts run on the simulated GPU; empty without one, or where none compile. */
    private static Optional<Requirement> texts(CudaInstallation libraries) {
        try {
            return libraries.textMode().map(mode -> new Requirement("texts", true, mode));
        } catch (CharlstmException e) {
            return Optional.empty();
        }
    }

    /** Empty for a GPU that cuDNN knows, or if cuDNN is missing, which another line says. */
    private static Optional<Requirement> newerThanCudnn(CudaInstallation libraries, int number) {
        try {
            return libraries.newerThanCudnn(libraries.gpus().get(number).capability())
                    .map(what -> new Requirement(CUDNN + " for " + number, true, what));
        } catch (CharlstmException e) {
            return Optional.empty();
        }
    }

    private static List<Requirement> gpus(CudaInstallation libraries) {
        try {
            List<Requirement> gpus = libraries.gpus().stream()
                    .map(gpu -> new Requirement("GPU " + gpu.number(), true, gpu.toString())).toList();
            return gpus.isEmpty() ? List.of(new Requirement("GPU", false,
                    "the GPU driver sees no GPU; check nvidia-smi and CUDA_VISIBLE_DEVICES")) : gpus;
        } catch (CharlstmException e) {
            return List.of(new Requirement("GPU 0", false, e.getMessage()));
        }
    }

    private static Requirement found(String subject, CudaInstallation libraries,
            Function<CudaInstallation, String> text) {
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
            ComposedOperations operations = ComposedOperations.of(device.operations()).orElseThrow();
            operations.rnn(memory, shape, 0, head);
            operations.head(memory, head, 0);
            return new Requirement(Requirement.ENGINE, true, String.join("; ", device.choices()));
        } catch (CharlstmException e) {
            return new Requirement(Requirement.ENGINE, false, e.getMessage());
        }
    }
}
