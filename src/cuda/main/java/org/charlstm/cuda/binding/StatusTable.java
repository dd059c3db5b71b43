package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaException.Status;

/**
 * The statuses of NVIDIA's libraries that a user can act on, by their numbers in the libraries' headers, from
 * {@code statuses.txt}. Any other nonzero status is a failure too; the library may know that status' name.
 */
@SuppressWarnings("ImmutableEnumChecker") // The lists are immutable.
public enum StatusTable {
    /** CUDA's driver. */
    DRIVER("CUresult in cuda.h", ""),
    /** cuBLAS. */
    CUBLAS("cublasStatus_t", ""),
    /** cuDNN 9, whose statuses form ranges of a thousand, each range with one cause. */
    CUDNN("cudnnStatus_t", "check nvidia-smi and the system's log"),
    /** NVRTC. */
    NVRTC("nvrtcResult in nvrtc.h", ""),
    /** NCCL. */
    NCCL("ncclResult_t", "");

    private static final int RANGE = 1000;
    /** Advice that is left out if the library has told the place. */
    private static final String WHERE = "; compute-sanitizer, or the simulated GPU, says where";

    private final String type;
    private final String otherHint;
    private final List<Status> statuses;

    StatusTable(String type, String otherHint) {
        this.type = type;
        this.otherHint = otherHint;
        statuses = Pattern.compile("^" + name() + " (\\d+) ([\\w-]+) ?(\\w*):(.*(?:\n    .*)*)", Pattern.MULTILINE)
                .matcher(Texts.ALL).results().map(row -> {
                    String kind = row.group(3);
                    String hint = row.group(4).replaceAll("\n +", " ").strip();
                    return new Status(Integer.parseInt(row.group(1)), row.group(2).replace("-", ""),
                            hint.isEmpty() ? Texts.HINTS.getOrDefault(kind, "") : hint, kind.equals("memory"),
                            kind.equals("program"));
                }).toList();
    }

    /** Texts for the constants, in a class of their own since they must be initialised first. */
    private static final class Texts {
        static final Map<String, String> HINTS = Map.of("memory", "free what is not needed, or take less at a time",
                "program", "check what was given to this call: its sizes, and that each address and handle is of this "
                        + "GPU and open");
        static final String ALL = read();

        private static String read() {
            try (InputStream file = StatusTable.class.getResourceAsStream("statuses.txt")) {
                return new String(Objects.requireNonNull(file, "statuses.txt").readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The listed statuses. */
    public List<Status> statuses() {
        return statuses;
    }

    /**
     * The exception for a status other than 0. {@code name} is the library's name of the status, used if the status is
     * not listed; {@code detail} is the library's text on the cause. Both may be empty.
     */
    public CudaException failure(String call, int status, String name, String detail) {
        Status found = listed(status).or(() -> this == CUDNN ? listed(status / RANGE * RANGE) : Optional.empty())
                .orElse(new Status(status, "", otherHint, false, false));
        String known = !found.name().isEmpty() ? found.name() : !name.isEmpty() ? name : "see " + type;
        String hint = detail.isEmpty() ? found.hint() : found.hint().replace(WHERE, "");
        return new CudaException(call, new Status(status, known, hint, found.outOfMemory(), found.ofProgram()),
                detail);
    }

    private Optional<Status> listed(int code) {
        return statuses.stream().filter(status -> status.code() == code).findFirst();
    }
}
