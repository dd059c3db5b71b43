package org.charlstm.cuda.binding;

import module java.base;

/** The package folders of a python3, derived from its place and the environment like Python's module site. */
final class PythonPlace {
    private static final Pattern VERSION = Pattern.compile("python3\\.\\d+t?");

    private PythonPlace() {
    }

    /**
     * The folders of NVIDIA's libraries in Python's order. Empty if the program's place does not tell, for example for
     * a script that starts another Python.
     */
    static Optional<List<Path>> libraries(Path python, Map<String, String> environment) {
        try {
            Path venv = above(python);
            Properties settings = settings(venv);
            String home = settings.getProperty("home");
            Path base = above(home == null ? python.toRealPath() : Path.of(home, "python3"));
            List<String> names = settings.isEmpty() ? names(python, base, "os.py") : names(python, venv, "");
            List<Path> roots = new ArrayList<>(settings.isEmpty() ? List.of() : List.of(venv));
            boolean alone = "false".equals(settings.get("include-system-site-packages"));
            if (!alone && environment.getOrDefault("PYTHONNOUSERSITE", "").isEmpty()) {
                roots.add(Path.of(environment.getOrDefault("PYTHONUSERBASE",
                        environment.getOrDefault("HOME", "") + "/.local")));
            }
            roots.addAll(alone ? List.of() : List.of(base.resolve("local"), base));
            Stream<String> path = Stream.of(environment.getOrDefault("PYTHONPATH", "").split(":", 0));
            Stream<Path> packages =
                    roots.stream().flatMap(root -> Stream.of(root.resolve("lib"), root.resolve("lib64")))
                            .flatMap(lib -> Stream.concat(names.stream(), Stream.of("python3")).map(lib::resolve))
                            .flatMap(lib -> Stream.of(lib.resolve("site-packages"), lib.resolve("dist-packages")));
            Stream<Path> conda = alone || !Files.exists(base.resolve("conda-meta")) ? Stream.empty()
                    : Stream.concat(Stream.of(base), LibrarySearch.matching(base.resolve("targets"), "").stream());
            return names.isEmpty() ? Optional.empty()
                    : Optional.of(Stream.concat(wheels(Stream.concat(path, packages.map(Path::toString))),
                            conda.map(root -> root.resolve("lib"))).toList());
        } catch (IOException | InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** The library folders of NVIDIA's wheels in package folders; skips names that cannot be paths in this locale. */
    static Stream<Path> wheels(Stream<String> packages) {
        return packages.filter(folder -> !folder.isBlank()).flatMap(LibrarySearch::possible)
                .flatMap(folder -> LibrarySearch.matching(folder.resolve("nvidia"), "").stream())
                .map(wheel -> wheel.resolve("lib"));
    }

    /** The folder above a program's folder, which has lib beside bin. */
    private static Path above(Path program) {
        return program.resolve("../..").normalize();
    }

    /** The settings of a virtual environment; empty if the folder is none. */
    private static Properties settings(Path venv) throws IOException {
        Properties settings = new Properties();
        Path file = venv.resolve("pyvenv.cfg");
        if (Files.exists(file)) {
            try (Reader text = Files.newBufferedReader(file)) {
                settings.load(text);
            }
        }
        return settings;
    }

    /**
     * The versions, such as {@code python3.12}, whose folder has a file: only the version in the program's name if
     * there is one, else all, the newest first.
     */
    private static List<String> names(Path python, Path root, String file) throws IOException {
        String own = String.valueOf(python.toRealPath().getFileName());
        return Stream.of("lib", "lib64").flatMap(lib -> LibrarySearch.matching(root.resolve(lib), "python3").stream())
                .filter(folder -> Files.exists(folder.resolve(file))).map(folder -> folder.getFileName().toString())
                .filter(VERSION.asMatchPredicate()).distinct()
                .filter(name -> name.equals(own) || !VERSION.matcher(own).matches())
                .sorted(Comparator.comparingInt(String::length).thenComparing(name -> name).reversed()).toList();
    }
}
