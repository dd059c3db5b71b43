package org.charlstm.cuda.binding;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * The library folders of NVIDIA's wheels, {@code nvidia/*}{@code /lib} in the packages of every python3 on the PATH,
 * and conda's library folders. A python3's place usually tells the packages; if it does not, or the packages lack a
 * library, the python3 is started.
 */
final class PythonWheels {
    /**
     * The time limit for all Pythons together: a start takes a tenth of a second, and seconds on a busy or networked
     * disk.
     */
    private static final Duration BOUND = Duration.ofSeconds(5);
    private static final String QUESTION = "import sys; print('\\n'.join(sys.path[1:]))";
    /** Null until needed. */
    private static @Nullable PythonWheels here;

    private final Map<String, String> environment;
    private final Duration bound;
    private final List<Path> pythons;
    private String reservation = "";
    /** The answers; null until Python has been asked. */
    private @Nullable List<Path> asked;

    /** The wheels for an environment's PATH; a folder under several names counts once. */
    PythonWheels(Map<String, String> environment, Duration bound) {
        this.environment = environment;
        this.bound = bound;
        pythons = Stream.of(environment.getOrDefault("PATH", "").split(":", 0)).filter(entry -> !entry.isEmpty())
                .flatMap(LibrarySearch::possible).flatMap(LibrarySearch::real).distinct()
                .map(folder -> folder.resolve("python3")).filter(Files::isExecutable).toList();
    }

    /** The wheels for this process's environment. */
    static synchronized PythonWheels here() {
        if (here == null) {
            here = new PythonWheels(System.getenv(), BOUND);
        }
        return here;
    }

    /**
     * The folders known without starting Python, up to the first python3 that must be started, whose folders take
     * precedence over later ones.
     */
    List<Path> told() {
        return pythons.stream().map(python -> PythonPlace.libraries(python, environment))
                .takeWhile(Optional::isPresent).flatMap(Optional::stream).flatMap(List::stream).distinct().toList();
    }

    /** The folders of every python3; starts and asks each. */
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
     * A started python3. The answer goes to a file, since a pipe may be too small, and a process that Python leaves
     * behind may hold the pipe open.
     */
    private record Question(Process process, Path out) {
        /** Starts a python3; empty if it does not start, or belongs to neither this user nor the system. */
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

        /** The answer's lines; empty if Python does not end in time and is killed. */
        Optional<List<String>> answer(long end) {
            try {
                process.onExit().completeOnTimeout(process, end - System.nanoTime(), TimeUnit.NANOSECONDS).join();
                if (!process.isAlive()) {
                    return Optional.of(new String(Files.readAllBytes(out), StandardCharsets.UTF_8).lines().toList());
                }
                // The children are listed first, since they are found through their parent.
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
