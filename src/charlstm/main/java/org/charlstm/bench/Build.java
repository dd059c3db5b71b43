package org.charlstm.bench;

import com.google.gson.JsonParseException;
import module java.base;
import org.charlstm.base.Json;
import org.charlstm.base.Machine;
import org.jspecify.annotations.Nullable;

/**
 * The build, and whether files differed from its commit. A member is null if unknown, or if merged parts differ in it.
 */
public record Build(@Nullable String version, @Nullable String commit, @Nullable Boolean changed) {
    /** The file that bench/image.sh writes beside the jar. */
    private static final String IMAGE = "image.json";

    /** This build, described by its image's file, or by git if the sources are around the program. */
    public static Build current() {
        Path program = program();
        Path folder = program.getParent();
        return image(program.resolveSibling(IMAGE)).or(() -> sources(folder == null ? null : folder.getParent()))
                .orElseGet(() -> new Build(Machine.version(), null, null));
    }

    private static Path program() {
        try {
            return Path.of(Build.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the program's own path is not a path", e);
        }
    }

    private static Optional<Build> image(Path file) {
        try {
            Build build = Json.as(Json.parse(Files.readString(file), 100), Build.class);
            return Optional.of(new Build(Machine.version(), build.commit, build.changed));
        } catch (IOException | JsonParseException e) {
            return Optional.empty();
        }
    }

    /** Asks git only if the folder has charlstm's sources, because the jar may lie in another repository. */
    private static Optional<Build> sources(@Nullable Path root) {
        if (root == null || !Files.exists(root.resolve("kernels").resolve("resources.txt"))) {
            return Optional.empty();
        }
        return git(root, "rev-parse", "HEAD").map(commit -> new Build(Machine.version(), commit,
                git(root, "status", "--porcelain", "--untracked-files=no").map(lines -> !lines.isEmpty())
                        .orElse(null)));
    }

    private static Optional<String> git(Path root, String... arguments) {
        List<String> command = new ArrayList<>(List.of("git", "-C", root.toString()));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            process.getOutputStream().close();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0 ? Optional.of(out)
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
