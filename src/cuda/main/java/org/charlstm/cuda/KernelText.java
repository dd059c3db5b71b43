package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.KernelSignature.Kind;
import org.charlstm.cuda.KernelSignature.Parameter;

/** Reads the declarations of kernels in C++ and in PTX. */
final class KernelText {
    /** A declaration; the name may have namespaces and template arguments. */
    private static final Pattern DECLARATION = Pattern.compile("\\s*(?:.*\\s)?([\\w:]+(?:\\s*<.*>)?)\\s*\\((.*)\\)\\s*"
            + ";?\\s*", Pattern.DOTALL);
    private static final Pattern COMMENT = Pattern.compile("//[^\n]*|/\\*.*?\\*/", Pattern.DOTALL);
    private static final Pattern IN_SOURCE =
            Pattern.compile("__global__([^(;{]*(?:\\([^()]*\\)[^(;{]*?)*?)\\b(\\w+)\\s*\\(([^()]*)\\)\\s*[{;]");
    private static final Pattern TEMPLATE = Pattern.compile(".*\\btemplate\\s*<(.*)>.*", Pattern.DOTALL);
    private static final Pattern IN_PTX = Pattern.compile("\\.entry\\s+([\\w$]+)\\s*(?:\\(([^)]*)\\))?");
    private static final Pattern PTX_PARAMETER =
            Pattern.compile("\\.param\\s+(?:\\.align\\s+(\\d+)\\s+)?\\.(\\w+)\\s[^\\[,]*(?:\\[(\\d+)])?");
    private static final Pattern QUALIFIER = Pattern.compile("\\b(const|volatile|__restrict__|__restrict|restrict"
            + "|struct|class|union|enum|typename|__grid_constant__)\\b");
    private static final Pattern DEPENDENT = Pattern.compile("\\btypename\\b");
    private static final Pattern TYPE_NAME = Pattern.compile("(::)?[A-Za-z_]\\w*(::\\w+)*( ?<.*>(::\\w+)*)?");

    private KernelText() {
    }

    /** The text with a space in place of each comment. */
    static String withoutComments(String text) {
        return COMMENT.matcher(text).replaceAll(" ");
    }

    /** The signature of a single declaration, given the known types by name. */
    static KernelSignature declaration(String declaration, Map<String, KernelType> known) {
        Matcher parts = DECLARATION.matcher(declaration);
        if (!parts.matches()) {
            throw new IllegalArgumentException("'" + declaration + "' is no declaration of a kernel; write for example "
                    + "saxpy(int n, float a, const float* x, float* y)");
        }
        return new KernelSignature(parts.group(1), parameters(parts.group(1), parts.group(2), known));
    }

    /**
     * All kernels of a name in a CUDA C++ text; the name may have namespaces and template arguments. Preprocessor
     * branches and namespaces may give several signatures. The list is empty if a parameter is not understood.
     */
    static List<KernelSignature> inSource(String text, String name) {
        String plain = withoutComments(text);
        String own = name.replaceFirst("(?s)<.*", "").strip().replaceFirst(".*::", "");
        Map<String, KernelType> known = KernelType.inSource(plain);
        try {
            List<KernelSignature> all = IN_SOURCE.matcher(plain).results().filter(found -> found.group(2).equals(own))
                    .map(found -> new KernelSignature(name, parameters(name,
                            instantiated(found.group(3), plain.substring(0, found.start()), name), known)))
                    .toList();
            return all.stream().allMatch(KernelText::isUnderstood) ? all : List.of();
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    /** Whether all parameters are understood: a single unknown word may be a macro. */
    private static boolean isUnderstood(KernelSignature signature) {
        return signature.parameters().stream().noneMatch(each -> each.bytes() == 0 && each.name().isEmpty());
    }

    /**
     * The list of parameters, with the template's types replaced by the arguments in the name, as in
     * {@code reduce<float>}.
     */
    private static String instantiated(String list, String before, String name) {
        Matcher head =
                TEMPLATE.matcher(before.substring(Math.max(before.lastIndexOf(';'), before.lastIndexOf('}')) + 1));
        int open = name.indexOf('<');
        if (!head.matches() || open < 0) {
            return list;
        }
        List<String> parameters = split(head.group(1));
        List<String> arguments = split(name.substring(open + 1, name.lastIndexOf('>')));
        String instance = list;
        for (int i = 0; i < Math.min(parameters.size(), arguments.size()); i++) {
            String[] words = parameters.get(i).replaceFirst("=.*", "").strip().split("\\s+", -1);
            if (words.length == 2 && (words[0].equals("typename") || words[0].equals("class"))) {
                instance = instance.replaceAll("\\b" + words[1] + "\\b", Matcher.quoteReplacement(arguments.get(i)));
            }
        }
        return instance;
    }

    /** Splits a list at the commas outside of brackets. */
    private static List<String> split(String list) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int from = 0;
        for (int i = 0; i < list.length(); i++) {
            char c = list.charAt(i);
            depth += "<([".indexOf(c) >= 0 ? 1 : ">)]".indexOf(c) >= 0 ? -1 : 0;
            if (c == ',' && depth == 0) {
                parts.add(list.substring(from, i).strip());
                from = i + 1;
            }
        }
        parts.add(list.substring(from).strip());
        return parts;
    }

    /** The names of the kernels that a text of CUDA C++ defines. */
    static List<String> namesInSource(String text) {
        return IN_SOURCE.matcher(withoutComments(text)).results().map(found -> found.group(2)).distinct().toList();
    }

    /** The names of the kernels in a text of PTX. */
    static List<String> namesInPtx(String text) {
        return IN_PTX.matcher(text).results().map(found -> found.group(1)).distinct().toList();
    }

    /** The signature of a kernel in a text of PTX. */
    static Optional<KernelSignature> inPtx(String text, String name) {
        return IN_PTX.matcher(text).results().filter(found -> found.group(1).equals(name)).findFirst()
                .map(found -> new KernelSignature(name, found.group(2) == null ? List.of()
                        : PTX_PARAMETER.matcher(found.group(2)).results().map(KernelText::ofPtx).toList()));
    }

    /** A parameter in PTX. A {@code .b} type tells only a size; a 64-bit integer may be an address. */
    private static Parameter ofPtx(MatchResult parts) {
        String type = parts.group(2);
        int bytes = Integer.parseInt(type.replaceAll("\\D", "")) / Byte.SIZE;
        if (parts.group(3) != null) {
            long all = bytes * Long.parseLong(parts.group(3));
            return Parameter.of("." + type + "[" + parts.group(3) + "]", Kind.STRUCT, all,
                    parts.group(1) == null ? bytes : Long.parseLong(parts.group(1)));
        }
        Kind kind = switch (type.charAt(0)) {
            case 'u', 's' -> switch (bytes) {
                case Byte.BYTES -> Kind.BYTE;
                case Short.BYTES -> Kind.SHORT;
                case Integer.BYTES -> Kind.INT;
                default -> Kind.POINTER;
            };
            case 'f' -> bytes == Float.BYTES ? Kind.FLOAT : bytes == Double.BYTES ? Kind.DOUBLE : Kind.HALF;
            default -> Kind.BITS;
        };
        return Parameter.of("." + type, kind, bytes, bytes);
    }

    private static List<Parameter> parameters(String kernel, String list, Map<String, KernelType> known) {
        return list.isBlank() || list.strip().equals("void") ? List.of()
                : split(list).stream().map(part -> parameter(kernel, part.replaceAll("\\s+", " "), known)).toList();
    }

    /** @param declared a parameter without line breaks; may have a name and a default value */
    private static Parameter parameter(String kernel, String declared, Map<String, KernelType> known) {
        // An array is a pointer to its elements.
        String text = declared.replaceAll(" ?=.*", "")
                .replaceFirst("^(.*?) ?\\b(\\w+) ?\\[\\w*\\](?: ?\\[\\w*\\])*$", "$1* $2");
        String plain = QUALIFIER.matcher(text).replaceAll(" ").replaceAll("\\s+", " ").strip();
        int star = plain.lastIndexOf('*');
        if (star >= 0) {
            String base = plain.replaceAll("\\*.*", "").strip();
            String name = plain.replaceAll(".*\\*", "").strip();
            boolean one = plain.indexOf('*') == star;
            return Parameter.of(name.isEmpty() ? text : text.replaceAll("\\s*\\b" + Pattern.quote(name) + "$", ""),
                    name, KernelType.of(Kind.POINTER),
                    one ? KernelType.named(base, known).map(KernelType::element).orElse(null) : null);
        }
        Optional<KernelType> whole = KernelType.named(plain, known);
        int space = whole.isPresent() || !plain.matches(".* \\w+") ? -1 : plain.lastIndexOf(' ');
        String type = space < 0 ? plain : plain.substring(0, space);
        String name = space < 0 ? "" : plain.substring(space + 1);
        return Parameter.of(type, name, whole.or(() -> KernelType.named(type, known))
                .or(() -> hidden(type, name)
                        .map(hidden -> DEPENDENT.matcher(text).find() ? KernelType.DEPENDENT : hidden))
                .orElseThrow(() -> unsupported(kernel, text)), null);
    }

    /** An unknown type, if the text can be a type's name. */
    private static Optional<KernelType> hidden(String type, String name) {
        boolean good = TYPE_NAME.matcher(type).matches() && !name.matches("\\d.*")
                && KernelType.named(name, Map.of()).isEmpty();
        return good ? Optional.of(KernelType.HIDDEN) : Optional.empty();
    }

    private static IllegalArgumentException unsupported(String kernel, String type) {
        return new IllegalArgumentException("kernel " + kernel + " has a parameter '" + type
                + "', which is none that a launch passes; these are numbers, pointers and structures by "
                + "value, such as int n, const float* x and Pair pair");
    }
}
