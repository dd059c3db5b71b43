package org.charlstm.cuda;

import module java.base;

/** Reads the declarations of a module's variables in C++ and in PTX. */
final class ModuleVariables {
    private static final Pattern QUALIFIER = Pattern.compile("\\b(const|volatile|static|extern|inline|constexpr"
            + "|__device__|__constant__|__managed__|alignas\\s*\\([^()]*\\)|__align__\\s*\\([^()]*\\))");

    private ModuleVariables() {
    }

    /**
     * The element type of a variable, whose name may have namespaces and a leading {@code &}. Empty if the type is
     * unknown, a structure or a pointer, or if variables of that name have several types.
     */
    static Optional<CudaType> element(String text, boolean ptx, String name) {
        String plain = Pattern.quote(name.replaceFirst("^&", "").replaceFirst(".*::", ""));
        Set<Optional<CudaType>> types = (ptx ? inPtx(text, plain) : inSource(text, plain)).collect(Collectors.toSet());
        return types.size() == 1 ? types.iterator().next() : Optional.empty();
    }

    private static Stream<Optional<CudaType>> inSource(String text, String name) {
        String plain = KernelText.withoutComments(text);
        Map<String, KernelType> known = KernelType.aliases(plain);
        return Pattern.compile("__(?:device|constant|managed)__([^;={}]*?[\\s>])" + name
                + "\\s*(?:\\[[^\\]]*\\]\\s*)*[;={]").matcher(plain).results().map(found -> {
                    String type = QUALIFIER.matcher(found.group(1)).replaceAll(" ").replaceAll("\\s+", " ").strip();
                    return KernelType.named(type, known).map(KernelType::element);
                });
    }

    /** Variables in PTX. Arrays have no element type there, and a 64-bit integer may be an address. */
    private static Stream<Optional<CudaType>> inPtx(String text, String name) {
        return Pattern.compile("\\.(?:global|const)\\s+(?:\\.align\\s+\\d+\\s+)?\\.([usf])(16|32|64)\\s+" + name
                + "\\b(?!\\[)").matcher(text).results()
                .map(found -> Optional.ofNullable(switch (found.group(1) + found.group(2)) {
                    case "u16", "s16" -> CudaType.INT16;
                    case "u32", "s32" -> CudaType.INT32;
                    case "f32" -> CudaType.FLOAT32;
                    case "f64" -> CudaType.FLOAT64;
                    default -> null;
                }));
    }
}
