package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.KernelSignature.Kind;
import org.charlstm.cuda.KernelSignature.Parameter;
import org.jspecify.annotations.Nullable;

/** Reads the declarations of kernels in C++ and in PTX. */
final class KernelText {
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

    private KernelText() {
    }

    /** One that stands by itself. */
    static KernelSignature declaration(String declaration) {
        Matcher parts = DECLARATION.matcher(declaration);
        if (!parts.matches()) {
            throw new IllegalArgumentException("'" + declaration + "' is no declaration of a kernel; write for example "
                    + "saxpy(int n, float a, const float* x, float* y)");
        }
        return new KernelSignature(parts.group(1), parameters(parts.group(1), parts.group(2)));
    }

    /** Of the kernels that a text of CUDA C++ defines, the one of a name. */
    static Optional<KernelSignature> inSource(String text, String name) {
        return listsInSource(text, name).findFirst().map(list -> new KernelSignature(name, parameters(name, list)));
    }

    /** All that a text has of a name; none if it has a type that is not known here, since then it tells nothing. */
    static List<KernelSignature> definitions(String text, boolean ptx, String name) {
        try {
            return ptx ? inPtx(text, name).stream().toList()
                    : listsInSource(text, name).map(list -> new KernelSignature(name, parameters(name, list))).toList();
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    /** The parameters of the kernels of a name; there are several where a preprocessor chooses. */
    private static Stream<String> listsInSource(String text, String name) {
        return IN_SOURCE.matcher(COMMENT.matcher(text).replaceAll(" ")).results()
                .filter(found -> found.group(2).equals(name)).map(found -> found.group(3));
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
        if (kind == null) {
            throw unsupported(kernel, "." + type + (array == null ? "" : array));
        }
        return new Parameter("." + type, "", kind, null);
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
        if (kind == null) {
            throw unsupported(kernel, text);
        }
        return new Parameter(type, whole != null ? "" : plain.substring(space + 1), kind, null);
    }

    /** A message about a type that no launch passes. */
    static IllegalArgumentException unsupported(String kernel, String type) {
        return new IllegalArgumentException("kernel " + kernel + " has a parameter '" + type + "'; a launch passes "
                + "pointers, int, long long, float, double and their like; declare it as one of these, or pass it "
                + "through a buffer");
    }
}
