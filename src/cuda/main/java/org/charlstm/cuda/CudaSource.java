package org.charlstm.cuda;

import module java.base;
import org.charlstm.CharlstmException;

/**
 * CUDA C++ source to compile. Its kernels are declared {@code extern "C" __global__ void name(...)}; request kernels
 * with C++ names, which are templates or lie in namespaces, by {@link #withNames}. CUDA's own headers are found in a
 * toolkit or in NVIDIA's Python wheels.
 *
 * @param name    the text's name in the compiler's messages, for example {@code saxpy.cu}
 * @param headers the contents of files included by {@code #include "..."}, by their names there
 * @param options options of the compiler without the architecture, for example {@code --use_fast_math} or {@code -DN=4}
 * @param names   C++ names of kernels and variables, as {@link #withNames} takes them
 */
public record CudaSource(String name, String text, Map<String, String> headers, List<String> options,
        List<String> names) {
    private static final Pattern INCLUDE = Pattern.compile("^[ \t]*#[ \t]*include[ \t]*\"([^\"]+)\"",
            Pattern.MULTILINE);

    /** Copies the collections. */
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

    /** A text without included headers. */
    public static CudaSource of(String name, String text) {
        return new CudaSource(name, text, Map.of(), List.of(), List.of());
    }

    /**
     * A file, and the files beside it that it includes, directly or indirectly.
     *
     * @throws CharlstmException if a file cannot be read
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
     * A resource of a class, without included headers.
     *
     * @param name as {@link Class#getResourceAsStream} takes it
     * @throws CharlstmException if there is no such resource, or its package is not open to charlstm
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

    /** Why an existing resource may be hidden: a module shows only the resources of packages that it opens. */
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

    /** This source with one more header. */
    public CudaSource withHeader(String header, String content) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(Objects.requireNonNull(header, "the name of the header is null"),
                Objects.requireNonNull(content, "the content is null"));
        return new CudaSource(name, text, more, options, names);
    }

    /** This source with more options of the compiler. */
    public CudaSource withOptions(String... more) {
        List<String> all = new ArrayList<>(options);
        Collections.addAll(all, Objects.requireNonNull(more, "the array of options is null"));
        return new CudaSource(name, text, headers, all, names);
    }

    /** This source as relocatable code, which can be linked. */
    CudaSource withRelocatableCode() {
        return options.stream().anyMatch(option -> option.matches("(-rdc|--relocatable-device-code)=true")) ? this
                : withOptions("--relocatable-device-code=true");
    }

    /**
     * This source with more C++ names that NVRTC compiles and resolves: a template's kernel with its arguments,
     * {@code reduce<float, 256>}; a kernel of a namespace, {@code ns::scale}; or a variable of a namespace,
     * {@code &ns::table}. {@link CudaModule#kernel} and {@link CudaModule#global} take these names.
     */
    public CudaSource withNames(String... more) {
        SequencedSet<String> all = new LinkedHashSet<>(names);
        Collections.addAll(all, Objects.requireNonNull(more, "the array of names is null"));
        return new CudaSource(name, text, headers, options, new ArrayList<>(all));
    }
}
