package org.charlstm.cuda.binding;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * The folders of libraries in NVIDIA's wheels, {@code nvidia/*}{@code /lib} in the packages of every python3 on the
 * PATH, and conda's. The place of most tells their packages; for others, and where that is not all, they are started.
 */
final class PythonWheels {
    /** For all of them together: a start of Python takes a tenth of a second, and many on a busy or networked disk. */
    private static final Duration BOUND = Duration.ofSeconds(5);
    private static final String QUESTION = "import sys; print('\\n'.join(sys.path[1:]))";
    /** Null until needed. */
    private static @Nullable PythonWheels here;

    private final Map<String, String> environment;
    private final Duration bound;
    private final List<Path> pythons;
    private String reservation = "";
    /** Null until they have been asked. */
    private @Nullable List<Path> asked;

    /** Those of an environment's PATH, in which each folder counts once, whatever its names. */
    PythonWheels(Map<String, String> environment, Duration bound) {
        this.environment = environment;
        this.bound = bound;
        pythons = Stream.of(environment.getOrDefault("PATH", "").split(":", 0)).filter(entry -> !entry.isEmpty())
                .flatMap(LibrarySearch::possible).flatMap(LibrarySearch::real).distinct()
                .map(folder -> folder.resolve("python3")).filter(Files::isExecutable).toList();
    }

    /** Those of this process's environment. */
    static synchronized PythonWheels here() {
        if (here == null) {
            here = new PythonWheels(System.getenv(), BOUND);
        }
        return here;
    }

    /** Those of each python3 whose place tells them, up to the first that has to be started: its own come before. */
    List<Path> told() {
        return pythons.stream().map(python -> PythonPlace.libraries(python, environment))
                .takeWhile(Optional::isPresent).flatMap(Optional::stream).flatMap(List::stream).distinct().toList();
    }

    /** Those of every python3, which are all started and asked. */
    synchronized List<Path> asked() {
        if (asked == null) {
            long end = System.nanoTime() + bound.toNanos();
            List<Optional<Question>> questions = pythons.stream().map(Question::ask).toList();
            Set<Path> all = new LinkedHashSet<>();
            for (int i = 0; i < pythons.size(); i++) {
                Optional<List<Path>> told = PythonPlace.libraries(pythons.get(i), environment);
                Optional<List<String>> answer = questions.get(i).flatMap(question -> question.answer(end));
                if (answer.isEmpty() && told.isEmpty() && reservation.isEmpty()) {
                    reservation = " (" + pythons.get(i)
                            + (questions.get(i).isEmpty() ? " does not start, or is somebody else's"
                                    : " did not say within " + bound.toSeconds() + " s where they are")
                            + ")";
                }
                PythonPlace.wheels(answer.stream().flatMap(List::stream)).forEach(all::add);
                told.ifPresent(all::addAll);
            }
            asked = List.copyOf(all);
        }
        return asked;
    }

    /** The end of a message about a python3 whose packages are not known. */
    synchronized String reservation() {
        return reservation;
    }

    /**
     * A python3 that has been asked. Its answer goes to a file, since a pipe may be too small, and what Python leaves
     * behind may hold it open.
     */
    private record Question(Process process, Path out) {
        /** Empty for one that does not start, or is neither this user's nor the system's. */
        static Optional<Question> ask(Path python) {
            try {
                if (!List.of(0, PathOwners.own()).contains(Files.getAttribute(python, "unix:uid"))) {
                    return Optional.empty();
                }
                Path out = Files.createTempFile("charlstm", ".out");
                out.toFile().deleteOnExit();
                return Optional.of(new Question(new ProcessBuilder(python.toString(), "-c", QUESTION)
                        .redirectInput(new File("/dev/null")).redirectOutput(out.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD).start(), out));
            } catch (IOException e) {
                return Optional.empty();
            }
        }

        /** Its lines; empty if it does not end in time, and then it is killed. */
        Optional<List<String>> answer(long end) {
            try {
                process.onExit().completeOnTimeout(process, end - System.nanoTime(), TimeUnit.NANOSECONDS).join();
                if (!process.isAlive()) {
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
    }
}
