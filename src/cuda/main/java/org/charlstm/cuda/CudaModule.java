package org.charlstm.cuda;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.KernelCompiler;
import org.jspecify.annotations.Nullable;

/** Code on a GPU, and the kernels in it. */
public final class CudaModule extends CudaObject {
    private final String name;
    /** A text of CUDA C++ or PTX from which signatures are read; empty for machine code. */
    private final String text;
    private final boolean ptx;
    private final long handle;
    private final Map<String, CudaKernel> kernels = new HashMap<>();

    private CudaModule(Cuda cuda, String name, String text, boolean ptx, byte[] image) {
        super(cuda, "module " + Given.that(name, "the name"));
        this.name = name;
        this.text = text;
        this.ptx = ptx;
        try (Arena arena = Arena.ofConfined()) {
            // A text of PTX ends with a zero.
            MemorySegment copy = arena.allocate(image.length + 1L, 16);
            MemorySegment.copy(image, 0, copy, ValueLayout.JAVA_BYTE, 0, image.length);
            handle = cuda.driver().cuModuleLoadData(copy.asReadOnly());
        }
        opened();
    }

    /** A text compiled for the GPU. */
    static CudaModule compiled(Cuda cuda, CudaSource source) {
        byte[] image = KernelCompiler.of(cuda.libraries(), cuda.properties().capability()).compile(
                Given.that(source, "the source").name(), source.text(), source.headers(), source.options());
        return new CudaModule(cuda, source.name(), source.text(), false, image);
    }

    /** A CUBIN, a fat binary or PTX. */
    static CudaModule loaded(Cuda cuda, String name, byte[] image) {
        String text = new String(Given.that(image, "the image"), StandardCharsets.ISO_8859_1);
        boolean ptx = text.contains(".version") && text.contains(".entry") && text.indexOf('\0') < 0;
        return new CudaModule(cuda, name, ptx ? text : "", ptx, image);
    }

    /** The same from a file. */
    static CudaModule loaded(Cuda cuda, Path file) {
        try {
            return loaded(cuda, String.valueOf(Given.that(file, "the file").getFileName()), Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new CharlstmException("there is no file " + file, e);
        } catch (IOException e) {
            throw new CharlstmException("cannot read " + file + ": " + e, e);
        }
    }

    /** As it was called when it was made. */
    public String name() {
        return name;
    }

    /**
     * A kernel.
     *
     * @param declaration its name, if its parameters can be told: from the text that was compiled, from PTX, or by a
     *                    driver of CUDA 12.4 or newer; or else its declaration, such as
     *                    {@code saxpy(int n, float a, const float* x, float* y)}
     * @throws CharlstmException        if the module has no kernel of that name, or its parameters cannot be told
     * @throws IllegalArgumentException if it has other parameters than the declaration says
     */
    public CudaKernel kernel(String declaration) {
        driver();
        CudaKernel found = kernels.get(Given.that(declaration, "the declaration"));
        if (found == null) {
            found = declaration.contains("(") ? checked(declared(declaration)) : kernelNamed(declaration);
            kernels.put(declaration, found);
        }
        return found;
    }

    /**
     * A kernel of a signature.
     *
     * @throws CharlstmException        if the module has none of that name
     * @throws IllegalArgumentException if it has other parameters, as far as its text or the driver tells
     */
    public CudaKernel kernel(KernelSignature signature) {
        requireOpen();
        return checked(Given.that(signature, "the signature"));
    }

    private KernelSignature declared(String declaration) {
        try {
            return KernelSignature.of(declaration);
        } catch (IllegalArgumentException e) {
            String known = KernelText.namesInSource(text).stream()
                    .filter(kernel -> declaration.matches("(?s)(.*\\s)?" + kernel + "\\s*\\(.*"))
                    .flatMap(kernel -> KernelText.sketch(text, kernel, null).stream()).findFirst().orElse("");
            throw known.isEmpty() ? e
                    : new IllegalArgumentException(e.getMessage() + "; in " + name + " it is " + known, e);
        }
    }

    private CudaKernel checked(KernelSignature signature) {
        long function = function(signature.name());
        signature.requireAmong(KernelText.definitions(text, ptx, signature.name()), name);
        int[] sizes = driver().parameterSizes(function);
        if (sizes != null && !signature.fits(sizes)) {
            throw new IllegalArgumentException("kernel " + signature.name() + " in " + name + " has parameters of "
                    + Arrays.toString(sizes) + " bytes, which are not those of " + signature);
        }
        return new CudaKernel(this, signature, function);
    }

    private CudaKernel kernelNamed(String kernel) {
        long function = function(kernel);
        int[] sizes = driver().parameterSizes(function);
        Optional<KernelSignature> signature = inText(kernel, sizes);
        if (signature.isPresent()) {
            return checked(signature.get());
        }
        if (sizes == null) {
            throw new CharlstmException("the parameters of kernel " + kernel + " in " + name + " are not known; give "
                    + "its declaration, for example kernel(\"" + kernel + "(int n, const float* x)\")");
        }
        return new CudaKernel(this, KernelSignature.ofSizes(kernel, sizes), function);
    }

    /** By the text, if that has it. */
    private Optional<KernelSignature> inText(String kernel, int @Nullable [] sizes) {
        if (ptx) {
            return KernelText.inPtx(text, kernel);
        }
        try {
            return KernelText.inSource(text, kernel);
        } catch (IllegalArgumentException e) {
            throw KernelText.sketch(text, kernel, sizes).map(sketch -> new IllegalArgumentException(e.getMessage()
                    + "; where that is another name of such a type, give the declaration, for example kernel(\""
                    + sketch + "\")", e)).orElse(e);
        }
    }

    private long function(String kernel) {
        try {
            return driver().cuModuleGetFunction(handle, kernel);
        } catch (CudaException e) {
            if (!e.statusName().equals("CUDA_ERROR_NOT_FOUND")) {
                throw e;
            }
            List<String> there = ptx ? List.of() : KernelText.namesInSource(text);
            if (there.contains(kernel)) {
                throw new CharlstmException("kernel " + kernel + " in " + name + " has a name of C++; declare it "
                        + "extern \"C\" __global__ void " + kernel + "(...), which a template cannot be", e);
            }
            throw new CharlstmException("no kernel '" + kernel + "' in " + name + "; "
                    + (there.isEmpty() ? "" : "it has " + String.join(", ", there) + "; ")
                    + "a kernel is found if it is declared extern \"C\" __global__", e);
        }
    }

    @Override
    void release(CudaDriver driver) {
        driver.cuModuleUnload(handle);
    }
}
