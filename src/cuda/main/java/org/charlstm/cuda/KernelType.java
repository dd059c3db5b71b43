package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.KernelSignature.Kind;
import org.jspecify.annotations.Nullable;

/**
 * A C++ type as a launch passes it; bytes and alignment are 0 if only the type's name is known.
 *
 * @param members a structure's members, as {@link StructureMembers} writes them
 */
record KernelType(Kind kind, long bytes, long alignment, String members) {
    KernelType(Kind kind, long bytes, long alignment) {
        this(kind, bytes, alignment, StructureMembers.UNKNOWN);
    }

    /** A type whose definition is elsewhere. */
    static final KernelType HIDDEN = new KernelType(Kind.STRUCT, 0, 0);
    /** A type that depends on a template's argument: a number or a structure. */
    static final KernelType DEPENDENT = new KernelType(Kind.BITS, 0, 0);

    /** The words of integer types, in any order: {@code long unsigned int} is {@code unsigned long}. */
    private static final Set<String> WORDS = Set.of("signed", "unsigned", "char", "short", "int", "long");
    private static final Map<String, Kind> NAMES = names();
    private static final Pattern VECTOR = Pattern.compile("(u?(?:char|short|int|long|longlong)|float|double)([1-4])");
    private static final Pattern ALIAS = Pattern.compile("\\btypedef\\s+([\\w\\s:]+?[\\s*]+)(\\w+)\\s*;"
            + "|\\busing\\s+(\\w+)\\s*=\\s*([\\w\\s:]+?\\s*\\**)\\s*;"
            + "|\\benum\\s+(?:class\\s+|struct\\s+)?(\\w+)\\s*(?::\\s*([\\w\\s:]+?)\\s*)?\\{"
            + "|\\btypedef\\s+enum\\b[^{};]*\\{[^{}]*\\}\\s*(\\w+)\\s*;"
            // These two match pointers to functions.
            + "|\\btypedef\\b[^;{}()]*\\(\\s*\\*\\s*(\\w+)\\s*\\)\\s*\\([^;{}]*;"
            + "|\\busing\\s+(\\w+)\\s*=[^;{}()]*\\(\\s*\\*\\s*\\)\\s*\\([^;{}]*;");

    private static Map<String, Kind> names() {
        Map<String, Kind> names = new HashMap<>(Map.of("bool", Kind.BOOL, "float", Kind.FLOAT, "double", Kind.DOUBLE,
                "half", Kind.HALF, "__half", Kind.HALF, "nv_bfloat16", Kind.BFLOAT16, "__nv_bfloat16", Kind.BFLOAT16));
        Map.of("8", Kind.BYTE, "16", Kind.SHORT, "32", Kind.INT, "64", Kind.LONG).forEach((bits, kind) -> {
            names.put("int" + bits + "_t", kind);
            names.put("uint" + bits + "_t", kind);
        });
        for (String word : List.of("size_t", "ptrdiff_t", "intptr_t", "uintptr_t", "cudaTextureObject_t",
                "cudaSurfaceObject_t", "CUdeviceptr")) {
            names.put(word, Kind.LONG);
        }
        names.putAll(Map.of("uchar", Kind.BYTE, "ushort", Kind.SHORT, "uint", Kind.INT, "char16_t", Kind.SHORT,
                "char32_t", Kind.INT, "wchar_t", Kind.INT));
        return Map.copyOf(names);
    }

    static KernelType of(Kind kind) {
        return new KernelType(kind, kind.bytes(), kind.bytes());
    }

    /** The type of a layout of java.lang.foreign. */
    static KernelType of(MemoryLayout layout) {
        return switch (layout) {
            case ValueLayout.OfBoolean _ -> of(Kind.BOOL);
            case ValueLayout.OfByte _ -> of(Kind.BYTE);
            case ValueLayout.OfShort _ -> of(Kind.SHORT);
            case ValueLayout.OfInt _ -> of(Kind.INT);
            case ValueLayout.OfLong _ -> of(Kind.LONG);
            case ValueLayout.OfFloat _ -> of(Kind.FLOAT);
            case ValueLayout.OfDouble _ -> of(Kind.DOUBLE);
            case AddressLayout _ -> of(Kind.POINTER);
            default -> new KernelType(Kind.STRUCT, layout.byteSize(), layout.byteAlignment(),
                    StructureMembers.of(layout));
        };
    }

    /** The type of a name among the known types and CUDA's own; empty if there is none. */
    static Optional<KernelType> named(String name, Map<String, KernelType> known) {
        if (known.containsKey(name)) {
            return Optional.of(known.get(name));
        }
        String plain = name.replaceFirst("^(::)?(cuda::)?(std::)?", "");
        if (NAMES.containsKey(plain)) {
            return Optional.of(of(NAMES.get(plain)));
        }
        List<String> words = List.of(plain.split(" ", -1));
        return WORDS.containsAll(words) ? Optional.of(of(integer(words))) : Optional.ofNullable(vector(plain));
    }

    /** The kind of an integer type; {@code long} has 64 bits, as on every Linux with CUDA. */
    private static Kind integer(List<String> words) {
        return words.contains("char") ? Kind.BYTE : words.contains("short") ? Kind.SHORT
                : words.contains("long") ? Kind.LONG : Kind.INT;
    }

    private static @Nullable KernelType vector(String name) {
        Matcher parts = VECTOR.matcher(name);
        if (!parts.matches()) {
            return switch (name) {
                case "dim3" -> new KernelType(Kind.STRUCT, 12, 4);
                case "half2", "__half2", "nv_bfloat162", "__nv_bfloat162" -> new KernelType(Kind.STRUCT, 4, 4);
                default -> null;
            };
        }
        String element = parts.group(1).replaceFirst("^u", "").replace("longlong", "long");
        long bytes = named(element, Map.of()).orElseThrow().bytes;
        int count = Integer.parseInt(parts.group(2));
        return new KernelType(Kind.STRUCT, count * bytes, count == 3 ? bytes : Math.min(16, count * bytes));
    }

    /** The types that a text without comments defines: aliases, enumerations and structures. */
    static Map<String, KernelType> inSource(String text) {
        Map<String, KernelType> types = aliases(text);
        StructureMembers.inSource(text, types)
                .forEach((name, members) -> types.putIfAbsent(name, new KernelType(Kind.STRUCT, 0, 0, members)));
        return types;
    }

    /** The aliases and enumerations that a text without comments defines. */
    static Map<String, KernelType> aliases(String text) {
        Map<String, KernelType> aliases = new HashMap<>();
        ALIAS.matcher(text).results().forEach(found -> {
            String name =
                    Stream.of(2, 3, 5, 7, 8, 9).map(found::group).filter(Objects::nonNull).findFirst().orElseThrow();
            String of = Stream.of(1, 4, 6).map(found::group).filter(Objects::nonNull).findFirst()
                    .orElse(name.equals(found.group(8)) || name.equals(found.group(9)) ? "*" : "int");
            String plain = of.replaceAll("\\b(const|enum)\\b", " ").replaceAll("\\s+", " ").strip();
            KernelType type = plain.endsWith("*") ? of(Kind.POINTER) : named(plain, aliases).orElse(HIDDEN);
            // If preprocessor branches differ, the type is unknown.
            aliases.merge(name, type, (one, other) -> one.equals(other) ? one : HIDDEN);
        });
        return aliases;
    }

    /** The element type of the buffers that a pointer to this type takes; null for any. */
    @Nullable
    CudaType element() {
        return switch (kind) {
            case BOOL, BYTE -> CudaType.INT8;
            case SHORT -> CudaType.INT16;
            case INT -> CudaType.INT32;
            case LONG -> CudaType.INT64;
            case HALF -> CudaType.FLOAT16;
            case BFLOAT16 -> CudaType.BFLOAT16;
            case FLOAT -> CudaType.FLOAT32;
            case DOUBLE -> CudaType.FLOAT64;
            case POINTER, STRUCT, BITS -> null;
        };
    }
}
