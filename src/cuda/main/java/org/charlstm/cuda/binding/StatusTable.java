package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaException.Status;

/**
 * The statuses of each of NVIDIA's libraries that a user can do something about, by the numbers of the library's
 * header: {@code statuses.txt} has them. Any other nonzero status is a failure too; the library may know its name.
 */
@SuppressWarnings("ImmutableEnumChecker") // The lists are immutable.
public enum StatusTable {
    /** CUDA's driver. */
    DRIVER("CUresult in cuda.h", ""),
    /** cuBLAS. */
    CUBLAS("cublasStatus_t", ""),
    /** cuDNN 9, whose statuses come in ranges of a thousand, each with one cause. */
    CUDNN("cudnnStatus_t", "check nvidia-smi and the system's log"),
    /** NVRTC. */
    NVRTC("nvrtcResult in nvrtc.h", ""),
    /** NCCL. */
    NCCL("ncclResult_t", "");

    private static final int RANGE = 1000;
    /** Left out where the library has said it. */
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

    /** The constants are made of these, which must be there before them. */
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

    /** The statuses that are listed. */
    public List<Status> statuses() {
        return statuses;
    }

    /**
     * The exception for a status other than 0. What the library calls it counts where it is not listed here, and may be
     * empty; so may what the library says of the cause.
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
