package org.charlstm.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A kernel's name and parameters, to which the arguments of a launch are held.
 *
 * @param name       of the kernel
 * @param parameters in their order
 */
public record KernelSignature(String name, List<Parameter> parameters) {
    private static final Pattern DECLARATION = Pattern.compile("\\s*(?:.*\\s)?(\\w+)\\s*\\((.*)\\)\\s*;?\\s*",
            Pattern.DOTALL);
    private static final Pattern COMMENT = Pattern.compile("//[^\n]*|/\\*.*?\\*/", Pattern.DOTALL);
    private static final Pattern IN_SOURCE =
            Pattern.compile("__global__([^(;{]*(?:\\([^()]*\\)[^(;{]*?)*?)\\b(\\w+)\\s*"
                    + "\\(([^()]*)\\)\\s*[{;]");
    private static final Pattern IN_PTX = Pattern.compile("\\.entry\\s+([\\w$]+)\\s*(?:\\(([^)]*)\\))?");
    private static final Pattern PTX_PARAMETER =
            Pattern.compile("\\.param\\s+(?:\\.align\\s+\\d+\\s+)?\\.(\\w+)\\s[^\\[,]*(\\[\\d+])?");
    private static final Pattern QUALIFIER =
            Pattern.compile("\\b(const|volatile|__restrict__|__restrict|restrict|struct|__grid_constant__)\\b");

    /** The kinds of values that a kernel takes. */
    public enum Kind {
        /** A buffer, or a device address as a {@code Long}. */
        POINTER(Long.BYTES),
        /** 32 bits: an {@code Integer}. */
        INT(Integer.BYTES),
        /** 64 bits: a {@code Long}. */
        LONG(Long.BYTES),
        /** A {@code Float}. */
        FLOAT(Float.BYTES),
        /** A {@code Double}. */
        DOUBLE(Double.BYTES),
        /** 32 bits of an unknown kind: an {@code Integer} or {@code Float}. */
        BITS32(Integer.BYTES),
        /** 64 bits of an unknown kind: a buffer, {@code Long} or {@code Double}. */
        BITS64(Long.BYTES);

        private final int bytes;

        Kind(int bytes) {
            this.bytes = bytes;
        }

        int bytes() {
            return bytes;
        }

        /** Whether values of this kind may be of the other: an address is a number of 64 bits. */
        private boolean agrees(Kind other) {
            return this == other || (bytes == other.bytes && (isOpen() || other.isOpen()))
                    || (this == POINTER && other == LONG) || (this == LONG && other == POINTER);
        }

        private boolean isOpen() {
            return this == BITS32 || this == BITS64;
        }
    }

    /**
     * A parameter.
     *
     * @param type    as the declaration has it, for example {@code const float*}
     * @param name    empty if it has none
     * @param element of the buffer that a pointer takes; null for any
     */
    public record Parameter(String type, String name, Kind kind, @Nullable CudaType element) {
        /** Refuses null where there has to be something. */
        public Parameter {
            Given.that(type, "the type");
            Given.that(name, "the name");
            Given.that(kind, "the kind");
        }

        /** Whether a launch passes the same by this as by the other. */
        private boolean agrees(Parameter other) {
            return kind.agrees(other.kind)
                    && (element == null || other.element == null || element == other.element);
        }

        @Override
        public String toString() {
            return name.isEmpty() ? type : type + " " + name;
        }
    }

    private static final Map<String, Kind> SCALARS = Map.ofEntries(Map.entry("int", Kind.INT),
            Map.entry("unsigned", Kind.INT), Map.entry("unsigned int", Kind.INT), Map.entry("int32_t", Kind.INT),
            Map.entry("uint32_t", Kind.INT), Map.entry("long long", Kind.LONG), Map.entry("long long int", Kind.LONG),
            Map.entry("unsigned long long", Kind.LONG), Map.entry("unsigned long long int", Kind.LONG),
            Map.entry("int64_t", Kind.LONG), Map.entry("uint64_t", Kind.LONG), Map.entry("size_t", Kind.LONG),
            Map.entry("float", Kind.FLOAT), Map.entry("double", Kind.DOUBLE));
    private static final Map<String, CudaType> ELEMENTS = Map.ofEntries(Map.entry("float", CudaType.FLOAT32),
            Map.entry("double", CudaType.FLOAT64), Map.entry("int", CudaType.INT32),
            Map.entry("unsigned", CudaType.INT32), Map.entry("unsigned int", CudaType.INT32),
            Map.entry("int32_t", CudaType.INT32), Map.entry("uint32_t", CudaType.INT32),
            Map.entry("__half", CudaType.FLOAT16), Map.entry("half", CudaType.FLOAT16),
            Map.entry("__nv_bfloat16", CudaType.BFLOAT16), Map.entry("nv_bfloat16", CudaType.BFLOAT16));

    /** Keeps a copy. */
    public KernelSignature {
        Given.that(name, "the name");
        parameters = List.copyOf(Given.that(parameters, "the list of parameters"));
    }

    /**
     * Reads a declaration as C++ has it, for example {@code saxpy(int n, float a, const float* x, float* y)}; names of
     * parameters may be left out.
     *
     * @throws IllegalArgumentException if it is none, or has a parameter that is no pointer, int, 64-bit integer, float
     *                                  or double
     */
    public static KernelSignature of(String declaration) {
        Matcher parts = DECLARATION.matcher(Given.that(declaration, "the declaration"));
        if (!parts.matches()) {
            throw new IllegalArgumentException("'" + declaration + "' is no declaration of a kernel; write for example "
                    + "saxpy(int n, float a, const float* x, float* y)");
        }
        return new KernelSignature(parts.group(1), parameters(parts.group(1), parts.group(2)));
    }

    /** By a letter for each parameter: p a pointer, l 64 bits, i 32 bits, f a float, d a double. */
    public static KernelSignature ofKinds(String name, String kinds) {
        Given.that(name, "the name");
        return new KernelSignature(name,
                Given.that(kinds, "the text of kinds").chars().mapToObj(letter -> switch (letter) {
                    case 'p' -> new Parameter("void*", "", Kind.POINTER, null);
                    case 'l' -> new Parameter("long long", "", Kind.LONG, null);
                    case 'i' -> new Parameter("int", "", Kind.INT, null);
                    case 'f' -> new Parameter("float", "", Kind.FLOAT, null);
                    case 'd' -> new Parameter("double", "", Kind.DOUBLE, null);
                    default -> throw new IllegalArgumentException("'" + (char) letter + "' in the kinds '" + kinds
                            + "' of "
                            + name
                            + "; a letter is p for a pointer, l for 64 bits, i for 32 bits, f for a float or d for a "
                            + "double");
                }).toList());
    }

    /** Of a kernel whose parameters' sizes alone are known. */
    static KernelSignature ofSizes(String name, int... sizes) {
        List<Parameter> parameters = new ArrayList<>();
        for (int size : sizes) {
            parameters.add(size == Integer.BYTES ? new Parameter("4 bytes", "", Kind.BITS32, null)
                    : size == Long.BYTES ? new Parameter("8 bytes", "", Kind.BITS64, null)
                    : unsupported(name, size + " bytes"));
        }
        return new KernelSignature(name, parameters);
    }

    /** Of the kernels that a text of CUDA C++ defines, the one of a name. */
    static Optional<KernelSignature> inSource(String text, String name) {
        return listsInSource(text, name).findFirst().map(list -> new KernelSignature(name, parameters(name, list)));
    }

    /** The parameters of the kernels of a name; there are several where a preprocessor chooses. */
    private static Stream<String> listsInSource(String text, String name) {
        return IN_SOURCE.matcher(COMMENT.matcher(text).replaceAll(" ")).results()
                .filter(found -> found.group(2).equals(name)).map(found -> found.group(3));
    }

    /**
     * Refuses a declaration that no definition of a text bears out. A text with types that are not known here tells
     * nothing.
     */
    void requireIn(String text, boolean ptx, String place) {
        List<KernelSignature> defined;
        try {
            defined = ptx ? inPtx(text, name).stream().toList()
                    : listsInSource(text, name).map(list -> new KernelSignature(name, parameters(name, list))).toList();
        } catch (IllegalArgumentException e) {
            return;
        }
        if (!defined.isEmpty() && defined.stream().noneMatch(this::agrees)) {
            throw new IllegalArgumentException("kernel " + name + " in " + place + " is " + defined.getFirst()
                    + ", and was declared as " + this);
        }
    }

    private boolean agrees(KernelSignature defined) {
        return parameters.size() == defined.parameters.size() && IntStream.range(0, parameters.size())
                .allMatch(i -> parameters.get(i).agrees(defined.parameters.get(i)));
    }

    /**
     * A declaration to begin with, for a kernel of a text with types that are not known here.
     *
     * @param sizes of its parameters in bytes; null if the driver does not say
     * @return empty if one of them is none that a launch passes
     */
    static Optional<String> sketch(String text, String name, int @Nullable [] sizes) {
        List<String> sketched = new ArrayList<>();
        String[] parts = listsInSource(text, name).findFirst().orElse("").split(",", -1);
        for (int i = 0; i < parts.length && (sizes == null || sizes.length == parts.length); i++) {
            sketched.add(sketch(name, parts[i].strip().replaceAll("\\s+", " "),
                    sizes == null ? Integer.BYTES : sizes[i]));
        }
        return sketched.isEmpty() || sketched.contains("") ? Optional.empty()
                : Optional.of(name + sketched.stream().collect(Collectors.joining(", ", "(", ")")));
    }

    private static String sketch(String kernel, String declared, int size) {
        try {
            return parameter(kernel, declared).toString();
        } catch (IllegalArgumentException e) {
            String named = declared.matches("\\w*") ? "" : declared.replaceFirst("^.*[^\\w]", " ");
            return size == Integer.BYTES ? "int" + named : size == Long.BYTES ? "long long" + named : "";
        }
    }

    /** The names of the kernels that a text of CUDA C++ defines. */
    static List<String> namesInSource(String text) {
        return IN_SOURCE.matcher(COMMENT.matcher(text).replaceAll(" ")).results().map(found -> found.group(2))
                .distinct().toList();
    }

    /** Of the kernels of a text of PTX, the one of a name. */
    static Optional<KernelSignature> inPtx(String text, String name) {
        return IN_PTX.matcher(text).results().filter(found -> found.group(1).equals(name)).findFirst()
                .map(found -> new KernelSignature(name, found.group(2) == null ? List.of()
                        : PTX_PARAMETER.matcher(found.group(2)).results()
                                .map(parameter -> ofPtx(name, parameter.group(1), parameter.group(2))).toList()));
    }

    private static Parameter ofPtx(String kernel, String type, @Nullable String array) {
        Kind kind = array != null ? null : switch (type) {
            case "u64", "s64", "b64" -> Kind.BITS64;
            case "u32", "s32", "b32" -> Kind.BITS32;
            case "f32" -> Kind.FLOAT;
            case "f64" -> Kind.DOUBLE;
            default -> null;
        };
        return kind == null ? unsupported(kernel, "." + type + (array == null ? "" : array))
                : new Parameter("." + type, "", kind, null);
    }

    private static List<Parameter> parameters(String kernel, String list) {
        List<Parameter> parameters = new ArrayList<>();
        if (!list.isBlank() && !list.strip().equals("void")) {
            for (String part : list.split(",", -1)) {
                parameters.add(parameter(kernel, part.strip().replaceAll("\\s+", " ")));
            }
        }
        return parameters;
    }

    /** @param declared without line breaks, maybe with a name and a default value */
    private static Parameter parameter(String kernel, String declared) {
        // An array is a pointer to its elements.
        String text = declared.replaceAll(" ?=.*", "")
                .replaceFirst("^(.*?) ?\\b(\\w+) ?\\[\\w*\\](?: ?\\[\\w*\\])*$", "$1* $2");
        String plain = QUALIFIER.matcher(text).replaceAll(" ").replaceAll("\\s+", " ").strip();
        int star = plain.lastIndexOf('*');
        if (star >= 0) {
            String base = plain.replaceAll("\\*.*", "").strip();
            String name = plain.replaceAll(".*\\*", "").strip();
            boolean one = plain.indexOf('*') == star;
            return new Parameter(name.isEmpty() ? text : text.replaceAll("\\s*\\b" + Pattern.quote(name) + "$", ""),
                    name, Kind.POINTER, one ? ELEMENTS.get(base) : null);
        }
        Kind whole = SCALARS.get(plain);
        int space = plain.lastIndexOf(' ');
        String type = whole != null || space < 0 ? plain : plain.substring(0, space);
        Kind kind = SCALARS.get(type);
        return kind == null ? unsupported(kernel, text)
                : new Parameter(type, whole != null ? "" : plain.substring(space + 1), kind, null);
    }

    private static Parameter unsupported(String kernel, String type) {
        throw new IllegalArgumentException("kernel " + kernel + " has a parameter '" + type + "'; a launch passes "
                + "pointers, int, long long, float, double and their like; declare it as one of these, or pass it "
                + "through a buffer");
    }

    /** Whether a driver's sizes of parameters are these. */
    boolean fits(int... sizes) {
        return parameters.stream().map(parameter -> parameter.kind.bytes()).toList()
                .equals(Arrays.stream(sizes).boxed().toList());
    }

    /** Checks how many arguments there are. */
    void requireCount(int count) {
        if (count != parameters.size()) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, "%s takes %d arguments, and %d were given",
                    this, parameters.size(), count));
        }
    }

    /** The parameter of an argument, counted from 0. */
    Parameter parameter(int index) {
        if (index < 0 || index >= parameters.size()) {
            throw new IndexOutOfBoundsException("argument " + index + ", counted from 0, of " + this
                    + ", which takes " + parameters.size());
        }
        return parameters.get(index);
    }

    /** An argument is missing. */
    IllegalStateException notSet(int index) {
        return new IllegalStateException("argument " + (index + 1) + " of " + this
                + " has not been set; set it before the launch");
    }

    /** A message about a wrong argument. */
    IllegalArgumentException wrong(int index, String given) {
        Parameter parameter = parameters.get(index);
        return new IllegalArgumentException("argument " + (index + 1) + " of " + this + " is "
                + (parameter.name.isEmpty() ? "" : parameter.name + ", ") + "of type " + parameter.type + ", and "
                + given + " was given");
    }

    /** As C++ declares it. */
    @Override
    public String toString() {
        return name + parameters.stream().map(Parameter::toString).collect(Collectors.joining(", ", "(", ")"));
    }
}
