package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.CudaLibraries;
import org.charlstm.cuda.binding.CudaProcess;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.panama.PanamaBinding;

/** GPUs for tests: simulated ones, or the machine's own where the environment names NVIDIA's libraries. */
public final class Gpus {
    public static final List<String> BINDINGS = List.of("panama", "jcuda");

    private Gpus() {
    }

    /** The libraries that the environment names, which nobody has opened yet. */
    public static CudaLibraries libraries() {
        return new CudaLibraries(new PanamaBinding(), LibrarySearch.OF_MACHINE);
    }

    /** The simulated GPU's libraries, beside the driver that the environment names, which nobody has opened yet. */
    public static CudaLibraries libraries(String binding) {
        return CudaProcess.unopened(Arrays.stream(Binding.values()).filter(each -> each.toString().equals(binding))
                .findFirst().orElseThrow(),
                new LibrarySearch(Optional.of(Path.of(System.getenv("CHARLSTM_LIBCUDA")).getParent())));
    }

    /** The libraries that the environment names, as programs see them. */
    public static CudaInstallation installation() {
        return new CudaInstallation(libraries());
    }

    /** Libraries as programs see them. */
    public static CudaInstallation installation(CudaLibraries libraries) {
        return new CudaInstallation(libraries);
    }

    /** Opens one that the environment names. */
    public static Cuda open() {
        return new Cuda(libraries(), 0);
    }

    /** Opens the simulated one through a binding. */
    public static Cuda open(String binding) {
        return open(libraries(binding));
    }

    /** The same with a variable of the simulated GPU's, which the test takes back. */
    static Cuda open(String binding, String variable, String value) {
        // The driver reads it when nothing is open.
        open().close();
        SimulatedGpu.set(variable, value);
        return open(binding);
    }

    /** Opens the first of some libraries. */
    public static Cuda open(CudaLibraries libraries) {
        return new Cuda(libraries, 0);
    }
}
