package org.charlstm.cuda.jcuda;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.Cublas;
import org.charlstm.cuda.binding.CudaBinding;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.Cudnn;
import org.charlstm.cuda.binding.LibrarySearch;
import org.charlstm.cuda.binding.NvidiaLibrary;
import org.charlstm.cuda.binding.Nvrtc;
import org.charlstm.cuda.panama.PanamaCalls;

/**
 * NVIDIA's libraries through JCuda 12.6, whose native code asks the loader for the libraries of CUDA 12 and cuDNN 9 by
 * name. Each library is opened before JCuda's code for it is loaded, since the loader keeps the first library of a name
 * and then finds it anywhere.
 */
public final class JcudaBinding implements CudaBinding {
    /** The CUDA version whose libraries JCuda asks for. A cuDNN of another CUDA version opens its own libraries too. */
    private static final List<Integer> CUDA = List.of(12);
    /** JCuda's classes by table; JCuda has none for other tables. */
    private static final Map<Class<?>, Theirs> THEIRS = Map.of(
            CudaDriver.class, new Theirs("jcuda.driver.JCudaDriver", "libcuda.so.1"),
            Cublas.class, new Theirs("jcuda.jcublas.JCublas2", "libcublas.so.12"),
            Cudnn.class, new Theirs("jcuda.jcudnn.JCudnn", "libcudnn.so.9"),
            Nvrtc.class, new Theirs("jcuda.nvrtc.JNvrtc", "libnvrtc.so.12"));

    /** A JCuda class, and the library that the class asks for. */
    private record Theirs(String type, String soname) {
    }

    @Override
    public String name() {
        return "jcuda";
    }

    @Override
    public <T extends NvidiaLibrary> T open(Class<T> table, Function<List<Integer>, LibrarySearch.Found> library,
            List<Integer> majors) {
        Theirs theirs = THEIRS.get(table);
        return theirs == null ? PanamaCalls.open(table, library.apply(majors))
                : load(table, theirs.type, theirs.soname, () -> library.apply(CUDA));
    }

    /** Whether JCuda's classes are on the class path; loads no native code. */
    public static boolean isOnClassPath() {
        return JcudaBinding.class.getClassLoader().getResource("jcuda/driver/JCudaDriver.class") != null;
    }

    /** Loads a JCuda class with its native code. */
    private static <T extends NvidiaLibrary> T load(Class<T> table, String type, String soname,
            Supplier<LibrarySearch.Found> library) {
        try {
            Class.forName(type, false, JcudaBinding.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new CharlstmException("JCuda's jars are not on the class path, which lacks " + type
                    + "; see docs/cuda-binding.md", e);
        }
        LibrarySearch.Found found = found(soname, library);
        try {
            Class<?> theirs = JcudaNatives.start(type);
            // The program may have enabled JCuda's exceptions; this binding reads statuses.
            theirs.getMethod("setExceptionsEnabled", boolean.class).invoke(null, false);
            return JcudaCalls.open(table, found, theirs);
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new CharlstmException("JCuda's native code does not load: " + cause(e).lines().findFirst()
                    .orElse(type) + "; see docs/cuda-binding.md", e);
        }
    }

    /** The message of the root cause: a class that failed to initialise fails again with a less specific error. */
    private static String cause(Throwable failure) {
        Throwable first = failure;
        while (first.getCause() != null) {
            first = first.getCause();
        }
        return String.valueOf(first.getMessage());
    }

    /** Finds a library; refuses it unless the loader finds it by the soname that JCuda asks for. */
    private static LibrarySearch.Found found(String soname, Supplier<LibrarySearch.Found> library) {
        LibrarySearch.Found found;
        try {
            found = library.get();
        } catch (CharlstmException e) {
            throw new CharlstmException("JCuda 12.6 asks for " + soname + ": " + e.getMessage(), e);
        }
        if (!LibrarySearch.opens(soname)) {
            throw new CharlstmException("JCuda 12.6 asks for " + soname + ", and " + found.place()
                    + " is another version");
        }
        return found;
    }
}
