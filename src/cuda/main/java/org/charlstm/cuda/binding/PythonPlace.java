package org.charlstm.cuda.binding;

import module java.base;

/** Where a python3 looks for packages, by its own place and the environment, as Python's module site finds it. */
final class PythonPlace {
    private static final Pattern VERSION = Pattern.compile("python3\\.\\d+t?");

    private PythonPlace() {
    }

    /** The folders of NVIDIA's libraries, in its order. Empty if its place does not tell: it may start another. */
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

    /** Those of the wheels among some packages; none where the name of their folder cannot be one in this locale. */
    static Stream<Path> wheels(Stream<String> packages) {
        return packages.filter(folder -> !folder.isBlank()).flatMap(LibrarySearch::possible)
                .flatMap(folder -> LibrarySearch.matching(folder.resolve("nvidia"), "").stream())
                .map(wheel -> wheel.resolve("lib"));
    }

    /** The folder above that of a program: it has lib beside bin. */
    private static Path above(Path program) {
        return program.resolve("../..").normalize();
    }

    /** Those of a virtual environment; none if it is none. */
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

    /** The versions whose folder has a file, as {@code python3.12}: that of the program's name, or the newest first. */
    private static List<String> names(Path python, Path root, String file) throws IOException {
        String own = String.valueOf(python.toRealPath().getFileName());
        return Stream.of("lib", "lib64").flatMap(lib -> LibrarySearch.matching(root.resolve(lib), "python3").stream())
                .filter(folder -> Files.exists(folder.resolve(file))).map(folder -> folder.getFileName().toString())
                .filter(VERSION.asMatchPredicate()).distinct()
                .filter(name -> name.equals(own) || !VERSION.matcher(own).matches())
                .sorted(Comparator.comparingInt(String::length).thenComparing(name -> name).reversed()).toList();
    }
}
