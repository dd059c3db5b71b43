package org.charlstm.cuda.jcuda;

import java.util.List;
import java.util.function.Supplier;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Cublas;
import org.charlstm.cuda.CudaBinding;
import org.charlstm.cuda.CudaDriver;
import org.charlstm.cuda.Cudnn;
import org.charlstm.cuda.LibraryFiles;
import org.charlstm.cuda.LibraryFinder;
import org.charlstm.cuda.Nccl;
import org.charlstm.cuda.Nvrtc;
import org.charlstm.cuda.panama.PanamaNccl;

/**
 * NVIDIA's libraries through JCuda 12.6, whose native code asks the loader for the libraries of CUDA 12 and cuDNN 9 by
 * name. Each is opened before JCuda's code for it is loaded, for the loader keeps the first library of a name: so it is
 * found wherever it lies.
 */
public final class JcudaBinding implements CudaBinding {
    /** The one whose libraries it asks for, whatever cuDNN was built for; that opens its own beside them. */
    private static final List<Integer> CUDA = List.of(12);
    private static final String CUBLAS = "libcublas.so.12";
    private static final String NVRTC = "libnvrtc.so.12";

    /** For whoever chooses a binding. */
    public JcudaBinding() {
    }

    @Override
    public String name() {
        return "jcuda";
    }

    @Override
    public CudaDriver driver(LibraryFiles files) {
        LibraryFinder.Found found = files.driver();
        return load("jcuda.driver.JCudaDriver", "libcuda.so.1", found, () -> new JcudaDriver(found.place()));
    }

    @Override
    public Cublas cublas(LibraryFiles files, List<Integer> majors) {
        LibraryFinder.Found found = files.cublas(CUDA);
        return load("jcuda.jcublas.JCublas2", CUBLAS, found, () -> new JcudaCublas(found.place()));
    }

    @Override
    public Cudnn cudnn(LibraryFiles files) {
        LibraryFinder.Found found = files.cudnn();
        return load("jcuda.jcudnn.JCudnn", "libcudnn.so.9", found, () -> new JcudaCudnn(found.place()));
    }

    @Override
    public Nvrtc nvrtc(LibraryFiles files, List<Integer> majors) {
        LibraryFinder.Found found = files.nvrtc(CUDA);
        return load("jcuda.nvrtc.JNvrtc", NVRTC, found, () -> new JcudaNvrtc(found.place()));
    }

    /** JCuda has none of its own. */
    @Override
    public Nccl nccl(LibraryFiles files) {
        return new PanamaNccl(files.nccl());
    }

    /** Turns whatever keeps JCuda's code from being loaded into an answer. */
    private static <T> T load(String type, String soname, LibraryFinder.Found found, Supplier<T> start) {
        try {
            Class.forName(type, false, JcudaBinding.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new CharlstmException("JCuda's jars are not on the class path, which lacks " + type
                    + "; see docs/cuda-binding.md", e);
        }
        if (found.symbols() == null) {
            throw new CharlstmException("JCuda 12.6 asks for " + soname + ": " + found.reason());
        }
        requireOpen(soname, found.place());
        try {
            JcudaNatives.start(type);
            return start.get();
        } catch (ClassNotFoundException | LinkageError e) {
            throw new CharlstmException("JCuda's native code does not load: " + cause(e).lines().findFirst()
                    .orElse(type) + "; see docs/cuda-binding.md", e);
        }
    }

    /** What came first: a class that failed once fails for having failed from then on. */
    private static String cause(Throwable failure) {
        Throwable first = failure;
        while (first.getCause() != null) {
            first = first.getCause();
        }
        return String.valueOf(first.getMessage());
    }

    /** The name by which JCuda asks has to lead to the library that was found, not to none. */
    private static void requireOpen(String soname, String place) {
        if (!LibraryFinder.opens(soname)) {
            throw new CharlstmException("JCuda 12.6 asks for " + soname + ", and " + place + " is another version");
        }
    }
}
