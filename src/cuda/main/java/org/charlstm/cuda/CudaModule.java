package org.charlstm.cuda;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.CudaDriver.ParameterPlace;
import org.charlstm.cuda.binding.DriverLink;
import org.charlstm.cuda.binding.KernelCompiler;
import org.charlstm.cuda.binding.Nvrtc;
import org.jspecify.annotations.Nullable;

/** Code loaded on a GPU, with its kernels and variables. */
public final class CudaModule extends CudaObject {
    private static final int INVALID_PTX = 218;

    private final String name;
    /** The CUDA C++ or PTX source that signatures are read from; empty for machine code. */
    private final String text;
    private final boolean ptx;
    /** Mangled names in the code by the requested C++ name expressions, without spaces. */
    private final Map<String, String> names = new HashMap<>();
    private final long handle;
    private final Map<String, CudaKernel> kernels = new HashMap<>();

    private CudaModule(Cuda cuda, String name, String text, boolean ptx, byte[] image) {
        super(cuda, "module " + Objects.requireNonNull(name, "the name is null"));
        this.name = name;
        this.text = text;
        this.ptx = ptx;
        try (Arena arena = Arena.ofConfined()) {
            // PTX text must end with a zero byte.
            MemorySegment copy = arena.allocate(image.length + 1L, 16);
            MemorySegment.copy(image, 0, copy, ValueLayout.JAVA_BYTE, 0, image.length);
            handle = cuda.driver().cuModuleLoadData(copy.asReadOnly());
        }
        opened();
    }

    /** A text compiled for the GPU. */
    static CudaModule compiled(Cuda cuda, CudaSource source) {
        Nvrtc.Code code = code(cuda, Objects.requireNonNull(source, "the source is null"));
        try {
            return new CudaModule(cuda, source.name(), texts(source), false, code.image()).naming(code);
        } catch (CudaException e) {
            // NVRTC has compiled the text, so the only possible fault is an undefined external name.
            throw e.status() != INVALID_PTX ? e : e.with("define every function and variable that "
                    + source.name() + " uses in it or in its headers, or link() it with the text that does");
        }
    }

    /** Texts that are compiled separately and linked to one module. */
    static CudaModule linked(Cuda cuda, CudaSource... sources) {
        SequencedMap<String, CudaSource> parts = new LinkedHashMap<>();
        for (CudaSource source : sources) {
            if (parts.put(Objects.requireNonNull(source, "a source is null").name(),
                    source.withRelocatableCode()) != null) {
                throw new CharlstmException("cannot link two texts of the name " + source.name() + "; rename one");
            }
        }
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("there is no source to link");
        }
        SequencedMap<String, Nvrtc.Code> codes = new LinkedHashMap<>();
        parts.forEach((name, source) -> codes.put(name, code(cuda, source)));
        SequencedMap<String, byte[]> images = new LinkedHashMap<>();
        codes.forEach((name, code) -> images.put(name, code.image()));
        CudaModule module = new CudaModule(cuda, String.join(", ", parts.keySet()), parts.values().stream()
                .map(CudaModule::texts).collect(Collectors.joining("\n")), false,
                new DriverLink(cuda.driver()).image(images));
        codes.values().forEach(module::naming);
        return module;
    }

    private static Nvrtc.Code code(Cuda cuda, CudaSource source) {
        return KernelCompiler.of(cuda.libraries(), cuda.properties().capability()).compile(source);
    }

    private static String texts(CudaSource source) {
        return Stream.concat(Stream.of(source.text()), source.headers().values().stream())
                .collect(Collectors.joining("\n"));
    }

    private CudaModule naming(Nvrtc.Code code) {
        code.names().forEach((name, lowered) -> names.put(unspaced(name), lowered));
        return this;
    }

    private static String unspaced(String name) {
        return name.replaceAll("\\s", "");
    }

    /** A CUBIN, a fat binary or PTX. */
    static CudaModule loaded(Cuda cuda, String name, byte[] image) {
        String text = new String(Objects.requireNonNull(image, "the image is null"), StandardCharsets.ISO_8859_1);
        boolean ptx = text.contains(".version") && text.contains(".entry") && text.indexOf('\0') < 0;
        return new CudaModule(cuda, name, ptx ? text : "", ptx, image);
    }

    /** A CUBIN, a fat binary or PTX from a file. */
    static CudaModule loaded(Cuda cuda, Path file) {
        try {
            return loaded(cuda, String.valueOf(Objects.requireNonNull(file, "the file is null").getFileName()),
                    Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new CharlstmException("there is no file " + file, e);
        } catch (IOException e) {
            throw new CharlstmException("cannot read " + file + ": " + e, e);
        }
    }

    /** The module's name in messages. */
    public String name() {
        return name;
    }

    /**
     * A kernel.
     *
     * @param declaration the kernel's name, if its parameters are known from the CUDA C++ text, from PTX, or from a
     *                    driver of CUDA 12.4 or newer; or else the declaration, such as {@code saxpy(int n, float a,
     *                    const float* x, float* y)}. The name may be a C++ name given to {@link CudaSource#withNames},
     *                    such as {@code reduce<float, 256>}
     * @throws CharlstmException        if the module has no kernel of that name, or the parameters are unknown
     * @throws IllegalArgumentException if the kernel has other parameters than the declaration
     */
    public CudaKernel kernel(String declaration) {
        driver();
        CudaKernel found = kernels.get(Objects.requireNonNull(declaration, "the declaration is null"));
        if (found == null) {
            found = !names.containsKey(unspaced(declaration)) && declaration.contains("(")
                    ? checked(declared(declaration)) : kernelNamed(declaration);
            kernels.put(declaration, found);
        }
        return found;
    }

    /**
     * A kernel of a signature.
     *
     * @throws CharlstmException        if the module has no kernel of that name, or the size of a structure is unknown
     * @throws IllegalArgumentException if the text or the driver tells other parameters
     */
    public CudaKernel kernel(KernelSignature signature) {
        requireOpen();
        return checked(Objects.requireNonNull(signature, "the signature is null"));
    }

    private KernelSignature declared(String declaration) {
        try {
            return KernelSignature.of(declaration);
        } catch (IllegalArgumentException e) {
            String known = KernelText.namesInSource(text).stream()
                    .filter(kernel -> declaration.matches("(?s)(.*\\s)?" + kernel + "\\s*\\(.*"))
                    .flatMap(kernel -> definitions(kernel).stream()).map(Object::toString).findFirst().orElse("");
            throw known.isEmpty() ? e
                    : new IllegalArgumentException(e.getMessage() + "; in " + name + " it is " + known, e);
        }
    }

    /** The kernel's signatures in the text; none if the text is empty. */
    private List<KernelSignature> definitions(String kernel) {
        return ptx ? KernelText.inPtx(text, kernel).stream().toList() : KernelText.inSource(text, kernel);
    }

    private CudaKernel checked(KernelSignature given) {
        long function = function(given.name());
        KernelSignature signature = given.among(definitions(given.name()), name);
        List<ParameterPlace> places = driver().parameters(function);
        if (places != null) {
            signature.requireAt(places, name);
            signature = signature.filled(places);
        }
        KernelSignature.Parameter hidden = signature.hidden().orElse(null);
        if (hidden != null) {
            throw new CharlstmException("how many bytes '" + hidden + "' of kernel " + signature.name() + " in " + name
                    + " has is not known, since the GPU driver is older than CUDA 12.4; give its layout: "
                    + "KernelSignature.of(\"" + signature + "\", Map.of(\"" + hidden.type() + "\", layout))");
        }
        return new CudaKernel(this, signature, function);
    }

    private CudaKernel kernelNamed(String kernel) {
        long function = function(kernel);
        List<ParameterPlace> places = driver().parameters(function);
        List<KernelSignature> fitting = definitions(kernel).stream()
                .filter(each -> places == null || each.fits(places)).toList();
        Optional<KernelSignature> signature = fitting.stream().reduce(KernelSignature::common);
        if (signature.isPresent() && (places != null || fitting.size() == 1)) {
            return checked(signature.get());
        }
        if (places == null) {
            throw new CharlstmException("the parameters of kernel " + kernel + " in " + name + " are not known; give "
                    + "its declaration, for example kernel(\"" + kernel + "(int n, const float* x)\")");
        }
        return new CudaKernel(this, KernelSignature.ofPlaces(kernel, places), function);
    }

    private String inCode(String expression) {
        return names.getOrDefault(unspaced(expression), expression);
    }

    private long function(String kernel) {
        try {
            return driver().cuModuleGetFunction(handle, inCode(kernel));
        } catch (CudaException e) {
            if (!e.statusName().equals("CUDA_ERROR_NOT_FOUND")) {
                throw e;
            }
            throw new CharlstmException("no kernel '" + kernel + "' in " + name + missing(kernel), e);
        }
    }

    /** Lists the module's kernels, and how to make the missing kernel found. */
    private String missing(String kernel) {
        String plain = kernel.replaceFirst("(?s)\\s*<.*", "").replaceFirst(".*::", "");
        List<String> there = ptx ? KernelText.namesInPtx(text) : KernelText.namesInSource(text);
        if (!ptx && there.contains(plain)) {
            boolean bare = plain.equals(kernel);
            return ", since its name is one of C++: compile the text withNames(\"" + kernel + "\")"
                    + (bare ? ", with its namespaces and a template's arguments, or declare it extern \"C\" __global__ "
                            + "void " + kernel + "(...)" : "");
        }
        List<String> alike = there.stream().filter(each -> each.contains(plain)).toList();
        List<String> shown = alike.isEmpty() ? there : alike;
        return "; " + (shown.isEmpty() ? "" : "it has " + String.join(", ", shown) + "; ")
                + "a kernel is found if it is declared extern \"C\" __global__";
    }

    /**
     * A {@code __device__} or {@code __constant__} variable of the module, as a buffer of the element type in the text.
     * Without a known element type, as for structures and machine code, the buffer holds bytes. The buffer ends with
     * the module, and need not be closed. Copies to the buffer are enqueued on the current stream: a later launch there
     * sees the new values.
     *
     * @param variable the variable's name; give a C++ name such as {@code &ns::table} to {@link CudaSource#withNames}
     *                 first; the {@code &} may be left out here
     * @throws CharlstmException if the module has none of that name
     */
    public CudaBuffer global(String variable) {
        return variable(Objects.requireNonNull(variable, "the name of the variable is null"), null);
    }

    /**
     * A variable of the module as a buffer of a type; see {@link #global(String)}.
     *
     * @throws CharlstmException        if the module has none of that name
     * @throws IllegalArgumentException if the variable's bytes are no whole number of such elements, or the text names
     *                                  another type
     */
    public CudaBuffer global(String variable, CudaType type) {
        return variable(Objects.requireNonNull(variable, "the name of the variable is null"),
                Objects.requireNonNull(type, "the type is null"));
    }

    private CudaBuffer variable(String variable, @Nullable CudaType type) {
        String expression = names.containsKey(unspaced("&" + variable)) ? "&" + variable : variable;
        long[] bytes = new long[1];
        long pointer;
        try {
            pointer = driver().cuModuleGetGlobal_v2(bytes, handle, inCode(expression));
        } catch (CudaException e) {
            if (!e.statusName().equals("CUDA_ERROR_NOT_FOUND")) {
                throw e;
            }
            throw new CharlstmException("no variable '" + variable + "' in " + name + "; " + (variable.contains("::")
                    ? "compile the text withNames(\"&" + variable.replaceFirst("^&", "") + "\")"
                    : "one is found if it is declared __device__ or __constant__, outside of functions and namespaces"
                            + (e.detail().isEmpty() ? "" : "; " + e.detail())),
                    e);
        }
        CudaType told = ModuleVariables.element(text, ptx, expression).orElse(null);
        if (type != null && told != null && type != told) {
            throw new IllegalArgumentException("variable " + variable + " in " + name + " is of " + told
                    + ", and was asked for as " + type);
        }
        CudaType element = type != null ? type : told != null ? told : CudaType.INT8;
        if (bytes[0] % element.bytes() != 0) {
            throw new IllegalArgumentException("variable " + variable + " in " + name + " has " + bytes[0]
                    + " bytes, which are no whole number of elements of " + element);
        }
        return new CudaBuffer(this, "variable " + variable + " of " + this, element, pointer,
                bytes[0] / element.bytes());
    }

    @Override
    void release(CudaDriver driver) {
        driver.cuModuleUnload(handle);
    }
}
