package org.charlstm.machine;

import java.awt.image.BufferedImage;
import module java.base;

/** Programs, devices and rights that tests may need, beside a JDK and Maven. */
@SuppressWarnings("ImmutableEnumChecker") // A check runs once, when it is asked for.
public enum Need {
    BASH("bash", "apt install bash"),
    FIND("find", "apt install findutils"),
    FLOCK("flock", "apt install util-linux"),
    /** Of util-linux: it makes a pseudo-terminal, as other systems' programs of this name do otherwise. */
    SCRIPT("script", "apt install bsdutils", () -> program("script") && Files.exists(Path.of("/proc/self"))),
    MKFIFO("mkfifo", "apt install coreutils"),
    TAR("tar", "apt install tar gzip", () -> program("tar") && program("gzip")),
    GXX("g++", "apt install g++"),
    NVCC("nvcc", "NVIDIA's CUDA toolkit has it, and gcc goes with it", () -> program("nvcc") && program("gcc")),
    CMAKE("cmake", "apt install cmake make", () -> program("cmake") && program("make")),
    SIMULATED_GPU("simulated GPU", "apt install g++, which builds it",
            () -> !Installed.hidden("g++") && Files.exists(Path.of("target/native/libcudnn.so.9"))),
    /** The simulated one, or with {@code .ci/gpu} a real one. */
    GPU("simulated GPU", "apt install g++, which builds it",
            () -> Boolean.getBoolean("charlstm.gpu") || SIMULATED_GPU.met()),
    SIMULATED_NVRTC("stand-in for NVRTC", "mvn verify runs this",
            () -> SIMULATED_GPU.met() && !Boolean.getBoolean("charlstm.nvrtc")),
    NVRTC("NVRTC of NVIDIA's", ".ci/nvidia nvrtc downloads it", () -> Boolean.getBoolean("charlstm.nvrtc")),
    NVIDIA("libraries of NVIDIA's", ".ci/nvidia downloads them",
            () -> !System.getProperty("charlstm.nvidia", "").isEmpty()),
    /** As JCuda is packaged. */
    JCUDA("JCuda", "there are some for Linux and Windows on x86-64",
            () -> System.getProperty("os.arch").equals("amd64") && !System.getProperty("os.name").startsWith("Mac")),
    CHROMIUM("chromium", "apt install chromium", () -> Chromium.program().isPresent()),
    PYTHON("python3", "apt install python3"),
    NUMPY("python3 with numpy", "apt install python3-numpy", () -> Python.having("numpy").isPresent()),
    H5PY("python3 with h5py", "apt install python3-h5py", () -> Python.having("h5py").isPresent()),
    TORCH("python3 with torch", "apt install python3-torch", () -> Python.having("torch").isPresent()),
    KERAS("python3 with keras", "pip install keras tensorflow", () -> Python.having("keras").isPresent()),
    OPEN_MPI("Open MPI", "apt install openmpi-bin", () -> MpiLauncher.OPEN.isHere()),
    MPICH("MPICH", "apt install mpich", () -> MpiLauncher.MPICH.isHere()),
    ROOT("root rights", "run the tests as root",
            () -> "0".equals(Installed.output("id", "-u").map(String::strip).orElse(""))),
    /** Hosts of one machine. */
    NAMESPACES("network namespaces", "apt install iproute2 util-linux, and run the tests as root", Need::namespaces),
    JLINK("jlink", "install a JDK that has it", () -> Files.exists(ofJava("jlink"))),
    JAVAC("javac", "install a JDK", () -> Files.exists(ofJava("javac"))),
    /** For charts as pictures: a JDK without them, or without the library that finds them, draws no text. */
    FONTS("fonts", "apt install fontconfig fonts-dejavu-core", Need::drawsText),
    DEV_FULL("/dev/full", "run the tests on Linux", () -> Files.exists(Path.of("/dev/full"))),
    /** A JVM that starts with an interrupt ignored, as a script's background job does, leaves it ignored. */
    INTERRUPTS("interrupts", "run the tests in the foreground", () -> !ignoresInterrupts());

    private final String title;
    private final String advice;
    private final BooleanSupplier check;
    private Optional<Boolean> met = Optional.empty();

    Need(String program, String advice) {
        this(program, advice, () -> program(program));
    }

    Need(String title, String advice, BooleanSupplier check) {
        this.title = title;
        this.advice = advice;
        this.check = check;
    }

    /** Why a test that needs it is skipped, with what to do; empty where it is here. */
    public Optional<String> lacking() {
        return met() ? Optional.empty() : Optional.of("no " + title + " here: " + advice);
    }

    /** Found out once. */
    private synchronized boolean met() {
        if (met.isEmpty()) {
            met = Optional.of(!Installed.hidden(name().toLowerCase(Locale.ROOT)) && !Installed.hidden(title)
                    && check.getAsBoolean());
        }
        return met.get();
    }

    private static boolean program(String name) {
        return !System.getProperty("os.name").startsWith("Windows") && Installed.first(name).isPresent();
    }

    private static Path ofJava(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name);
    }

    private static boolean drawsText() {
        try {
            return new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics().getFontMetrics() != null;
        } catch (RuntimeException | LinkageError _) {
            return false;
        }
    }

    private static boolean namespaces() {
        String name = "charlstm-" + ProcessHandle.current().pid();
        return Stream.of("nsenter", "unshare", "ip").allMatch(Need::program)
                && Stream.of("add", "delete").allMatch(each -> Installed.output("ip", "netns", each, name).isPresent());
    }

    private static boolean ignoresInterrupts() {
        List<String> status = Installed.lines(Path.of("/proc/self/status"));
        return status.stream().filter(line -> line.startsWith("SigIgn:"))
                .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) >> 1 & 1) != 0);
    }
}
