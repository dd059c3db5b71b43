package org.charlstm.cuda.binding;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * The folders of libraries in NVIDIA's wheels: {@code nvidia/*}{@code /lib} in the packages of every python3 on the
 * PATH, which is asked for its packages, since installations differ.
 *
 * @param folders those of the first python3 first
 * @param silent  each python3 that did not answer in time
 */
record PythonWheels(List<Path> folders, List<Path> silent) {
    /** For all of them together. A start of Python takes a tenth of it where nothing else runs. */
    private static final Duration BOUND = Duration.ofSeconds(1);
    private static final String QUESTION = "import sys; print('\\n'.join(sys.path[1:]))";
    /** Null until needed. */
    private static @Nullable PythonWheels here;

    /** Those of this process's environment, looked for once. */
    static synchronized PythonWheels here() {
        if (here == null) {
            here = of(System.getenv());
        }
        return here;
    }

    /** Those of an environment's PATH, in which each folder counts once, whatever its names. */
    static PythonWheels of(Map<String, String> environment) {
        List<Path> pythons = Stream.of(environment.getOrDefault("PATH", "").split(":", 0))
                .filter(entry -> !entry.isEmpty()).flatMap(PythonWheels::real).distinct()
                .map(folder -> folder.resolve("python3")).filter(Files::isExecutable).toList();
        long end = System.nanoTime() + BOUND.toNanos();
        List<Optional<Question>> questions = pythons.stream().map(Question::ask).toList();
        List<Path> folders = new ArrayList<>();
        List<Path> silent = new ArrayList<>();
        for (int i = 0; i < pythons.size(); i++) {
            Optional<List<String>> answer = questions.get(i).flatMap(question -> question.answer(end));
            if (answer.isEmpty()) {
                silent.add(pythons.get(i));
            }
            answer.stream().flatMap(List::stream).filter(line -> !line.isBlank()).flatMap(PythonWheels::vendor)
                    .flatMap(vendor -> LibrarySearch.matching(vendor, "").stream())
                    .map(wheel -> wheel.resolve("lib")).filter(folder -> !folders.contains(folder))
                    .forEach(folders::add);
        }
        return new PythonWheels(folders, silent);
    }

    private static Stream<Path> real(String folder) {
        try {
            return Stream.of(Path.of(folder).toRealPath());
        } catch (IOException | InvalidPathException e) {
            return Stream.empty();
        }
    }

    /** NVIDIA's folder among packages; none if their folder's name cannot be one in this locale. */
    private static Stream<Path> vendor(String packages) {
        try {
            return Stream.of(Path.of(packages, "nvidia"));
        } catch (InvalidPathException e) {
            return Stream.empty();
        }
    }

    /** The end of a message about a python3 that did not answer. */
    String reservation() {
        return silent.isEmpty() ? "" : " (" + silent.getFirst() + " did not say within a second where they are)";
    }

    /**
     * A python3 that has been asked.
     *
     * @param out what it answers: a file, since a pipe may be too small, and what Python leaves behind may hold it open
     */
    private record Question(Process process, Path out) {
        static Optional<Question> ask(Path python) {
            try {
                Path out = Files.createTempFile("charlstm", ".out");
                try {
                    Process process = new ProcessBuilder(python.toString(), "-c", QUESTION)
                            .redirectOutput(out.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD).start();
                    process.getOutputStream().close();
                    return Optional.of(new Question(process, out));
                } catch (IOException e) {
                    Files.delete(out);
                    return Optional.empty();
                }
            } catch (IOException e) {
                return Optional.empty();
            }
        }

        /** Its lines; empty if it does not end in time, and then it is killed. */
        Optional<List<String>> answer(long end) {
            try {
                if (endsBefore(end)) {
                    return Optional.of(new String(Files.readAllBytes(out), StandardCharsets.UTF_8).lines().toList());
                }
                // Its children are found through it, and so before it is gone.
                List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
                all.forEach(ProcessHandle::destroyForcibly);
                return Optional.empty();
            } catch (IOException e) {
                return Optional.empty();
            } finally {
                out.toFile().delete();
            }
        }

        private boolean endsBefore(long end) {
            try {
                return process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }
}
