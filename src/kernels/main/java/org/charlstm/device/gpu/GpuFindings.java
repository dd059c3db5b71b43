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

/** Finds the driver, cuBLAS, the kernels' code, and cuDNN, which is optional: own kernels can run layers too. */
final class GpuFindings {
    /** The lab's LSTM: 173 steps of 128 sequences, 38 symbols, 128 units, in training. */
    static final Rnn.Shape LAB = new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(38), 128, 1), 173, 128, true);

    private static final String KERNELS = "kernels";
    private static final String CUDNN = "cuDNN";

    /** The first missing thing, other than kernels, without which a binding can use no GPU; empty if there is none. */
    static Optional<String> missing(Supplier<CudaInstallation> libraries) {
        return missing(of(libraries), KERNELS + ".*");
    }

    /** The first missing thing without which no GPU can train; empty if there is none. */
    static Optional<String> unavailable(Supplier<CudaInstallation> libraries) {
        List<Requirement> findings = of(libraries);
        return missing(findings, findings.stream().anyMatch(finding -> finding.present()
                && finding.subject().startsWith(KERNELS)) ? KERNELS + ".*" : "");
    }

    /** The first missing thing, apart from cuDNN and the subjects that match {@code others}. */
    private static Optional<String> missing(List<Requirement> findings, String others) {
        return findings.stream().filter(finding -> !finding.present() && !finding.subject().equals(CUDNN)
                && !finding.subject().matches(others)).map(Requirement::text).findFirst();
    }

    /**
     * All findings through the binding that was asked for, and for each binding whether it works. A binding that was
     * not asked for is tried only until a preferred one works, since trying a binding runs its native code.
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

    /** Why {@code auto} does not take the first GPU; empty if it does. */
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

    /** All findings, in the order in which a GPU needs the things; without a driver, only the driver's. */
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

    /** How the simulated GPU runs a program's own CUDA texts; empty without a simulated GPU, or if it compiles none. */
    private static Optional<Requirement> texts(CudaInstallation libraries) {
        try {
            return libraries.textMode().map(mode -> new Requirement("texts", true, mode));
        } catch (CharlstmException e) {
            return Optional.empty();
        }
    }

    /** Says that a GPU is newer than cuDNN; empty if not, or if cuDNN is missing, which another line says. */
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

    /** Opens a device, which measures and chooses the engine of recurrent layers below a head of the same width. */
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
