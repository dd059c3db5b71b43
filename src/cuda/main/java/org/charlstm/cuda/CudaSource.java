package org.charlstm.cuda;

import module java.base;
import org.charlstm.CharlstmException;

/**
 * A text of CUDA C++ to compile. Its kernels are {@code extern "C" __global__ void name(...)}; those that have a name
 * of C++, of a template or within a namespace, are asked for {@linkplain #withNames by name}. CUDA's own headers are
 * found where a toolkit or NVIDIA's wheels are.
 *
 * @param name    what the compiler calls it in its messages, for example {@code saxpy.cu}
 * @param headers the files that it includes by {@code #include "..."}, by the names that it gives them
 * @param options the compiler's, besides the architecture, for example {@code --use_fast_math} or {@code -DN=4}
 * @param names   of kernels and variables, as {@link #withNames} takes them
 */
public record CudaSource(String name, String text, Map<String, String> headers, List<String> options,
        List<String> names) {
    private static final Pattern INCLUDE = Pattern.compile("^[ \t]*#[ \t]*include[ \t]*\"([^\"]+)\"",
            Pattern.MULTILINE);

    /** Keeps copies. */
    public CudaSource {
        Objects.requireNonNull(name, "the name is null");
        Objects.requireNonNull(text, "the text is null");
        SortedMap<String, String> sorted = new TreeMap<>(Objects.requireNonNull(headers, "the map of headers is null"));
        headers = Collections.unmodifiableMap(sorted);
        options = copied(Objects.requireNonNull(options, "the list of options is null"), "an option");
        names = copied(Objects.requireNonNull(names, "the list of names is null"), "a name");
    }

    private static List<String> copied(List<String> texts, String each) {
        texts.forEach(text -> Objects.requireNonNull(text, each + " is null"));
        return List.copyOf(texts);
    }

    /** A text that includes nothing. */
    public static CudaSource of(String name, String text) {
        return new CudaSource(name, text, Map.of(), List.of(), List.of());
    }

    /**
     * A file, and the files beside it that it includes, directly or not.
     *
     * @throws CharlstmException if it cannot be read
     */
    public static CudaSource of(Path file) {
        String text = read(Objects.requireNonNull(file, "the file is null"));
        Map<String, String> headers = new TreeMap<>();
        Deque<String> texts = new ArrayDeque<>(List.of(text));
        while (!texts.isEmpty()) {
            INCLUDE.matcher(texts.remove()).results().map(found -> found.group(1))
                    .filter(name -> !headers.containsKey(name)).distinct().toList().forEach(name -> {
                        Path header = file.resolveSibling(name);
                        if (Files.isRegularFile(header)) {
                            headers.put(name, read(header));
                            texts.add(headers.get(name));
                        }
                    });
        }
        return new CudaSource(String.valueOf(file.getFileName()), text, headers, List.of(), List.of());
    }

    /**
     * A resource of a class, which includes nothing.
     *
     * @param name as {@link Class#getResourceAsStream} takes it
     * @throws CharlstmException if there is none, or its package is not open to charlstm
     */
    public static CudaSource ofResource(Class<?> owner, String name) {
        Objects.requireNonNull(name, "the name is null");
        try (InputStream resource = Objects.requireNonNull(owner, "the class is null").getResourceAsStream(name)) {
            if (resource == null) {
                throw new CharlstmException(closedPackage(owner, name).map(closed -> "the resource " + name + " beside "
                        + owner.getName() + " cannot be seen: " + closed)
                        .orElse("there is no resource " + name + " beside " + owner.getName()));
            }
            return of(name, new String(resource.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new CharlstmException("cannot read the resource " + name + ": " + e, e);
        }
    }

    /** Why a resource is hidden if it is there: a module shows those of its packages that it opens. */
    private static Optional<String> closedPackage(Class<?> owner, String name) {
        Module module = owner.getModule();
        String path = name.startsWith("/") ? name.substring(1) : owner.getPackageName().replace('.', '/') + "/" + name;
        String place = path.substring(0, Math.max(0, path.lastIndexOf('/'))).replace('/', '.');
        return module.getPackages().contains(place) && !module.isOpen(place, CudaSource.class.getModule())
                ? Optional.of("its package is not open; write 'opens " + place + ";' in module-info.java of module "
                        + module.getName() + ", or read it there and give its text to CudaSource.of")
                : Optional.empty();
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new CharlstmException("there is no file " + file, e);
        } catch (IOException e) {
            throw new CharlstmException("cannot read " + file + ": " + e, e);
        }
    }

    /** The same with a header. */
    public CudaSource withHeader(String header, String content) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(Objects.requireNonNull(header, "the name of the header is null"),
                Objects.requireNonNull(content, "the content is null"));
        return new CudaSource(name, text, more, options, names);
    }

    /** The same with more options of the compiler. */
    public CudaSource withOptions(String... more) {
        List<String> all = new ArrayList<>(options);
        Collections.addAll(all, Objects.requireNonNull(more, "the array of options is null"));
        return new CudaSource(name, text, headers, all, names);
    }

    /** The same as code that can be linked. */
    CudaSource withRelocatableCode() {
        return options.stream().anyMatch(option -> option.matches("(-rdc|--relocatable-device-code)=true")) ? this
                : withOptions("--relocatable-device-code=true");
    }

    /**
     * The same with names of C++ that the code shall have: a template's kernel with its arguments, as
     * {@code reduce<float, 256>}, which is compiled for them; a kernel of a namespace, {@code ns::scale}; or a variable
     * of one, {@code &ns::table}. {@link CudaModule#kernel} and {@link CudaModule#global} find them by these names.
     */
    public CudaSource withNames(String... more) {
        SequencedSet<String> all = new LinkedHashSet<>(names);
        Collections.addAll(all, Objects.requireNonNull(more, "the array of names is null"));
        return new CudaSource(name, text, headers, options, new ArrayList<>(all));
    }
}
