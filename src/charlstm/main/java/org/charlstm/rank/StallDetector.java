package org.charlstm.rank;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Setting;
import org.jspecify.annotations.Nullable;

/**
 * Finds ranks that stall while the others wait for them. While a rank makes no progress, its own detector thread tells
 * all others its position once a second; while all ranks make progress, nothing is sent. A rank is late if it is behind
 * this rank and gives no sign of progress for the whole timeout: it hangs, or its messages do not arrive. Between
 * steps, the detector thread itself sends signs of life, for at most the time that one piece of work may take there.
 */
final class StallDetector {
    private static final long MAX_QUIET = TimeUnit.SECONDS.toNanos(1);
    /** The number of polls for messages in the quiet time. */
    private static final int LOOKS = 20;
    /** The number of words of a message: a rank, its arrivals, its step and its signs of life. */
    private static final int WORDS = 4;

    private final Mpi mpi;
    private final Mpi.Communicator communicator;
    private final ReentrantLock lock;
    private final Collective ranks;
    private final int rank;
    private final int size;
    private final long timeout;
    private final long patience;
    private final long quiet;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment received = arena.allocate(ValueLayout.JAVA_LONG, WORDS);
    private final Mpi.Request probe = Mpi.request(arena);
    private final List<Peer> peers;
    private final Thread thread;
    private final CountDownLatch stopped = new CountDownLatch(1);
    /** The number of times that this rank has reached a collective operation or a step. */
    private final AtomicLong arrivals = new AtomicLong();
    /** The number of signs of life of this rank. */
    private final AtomicLong signs = new AtomicLong();
    private volatile long step = -1;
    private volatile long stepBefore = -1;
    private volatile long moved = System.nanoTime();
    /** Whether an epoch's steps run. If not, the detector thread sends signs of life while work may take long. */
    private volatile boolean stepping;
    private volatile long signed = moved;
    private volatile @Nullable String failure;
    final Unblocker unblocker = new Unblocker(stopped);
    /** Whether another host has sent nothing for half the timeout. */
    private volatile boolean hostLost;

    /** Another rank's last report (-1 before its first message), and the message to that rank. */
    private final class Peer {
        private final MemorySegment message = arena.allocate(ValueLayout.JAVA_LONG, WORDS);
        /** The request of sending the message; MPI owns the message's memory until the request is done. */
        private final Mpi.Request request = Mpi.request(arena);
        private boolean sending;
        private long arrivals = -1;
        private long step = -1;
        private long signs = -1;
        /** The time of the rank's last progress. */
        private long since = moved;
        /** The time of the rank's last message. */
        private long heard = moved;
    }

    StallDetector(Mpi mpi, Mpi.Communicator communicator, ReentrantLock lock, Collective ranks, Duration timeout,
            Duration patience) {
        this.mpi = mpi;
        this.communicator = communicator;
        this.lock = lock;
        this.ranks = ranks;
        rank = ranks.rank();
        size = ranks.size();
        this.timeout = timeout.toNanos();
        this.patience = patience.toNanos();
        quiet = Math.min(MAX_QUIET, this.timeout / 4);
        peers = Stream.generate(Peer::new).limit(size).toList();
        thread = Thread.ofPlatform().daemon().name("charlstm ranks").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Says that this rank has reached an operation with the others. */
    void arrive() {
        stepBefore = step;
        arrivals.incrementAndGet();
        moved = System.nanoTime();
    }

    void move() {
        moved = System.nanoTime();
    }

    void step(long now) {
        stepping = true;
        stepBefore = step;
        step = now;
        arrivals.incrementAndGet();
        moved = System.nanoTime();
    }

    void stepsDone() {
        alive();
        stepping = false;
    }

    void alive() {
        signed = System.nanoTime();
        signs.incrementAndGet();
    }

    void check() {
        String found = failure;
        if (found != null) {
            unblocker.noted();
            throw new CharlstmException(found).mendedBy(Setting.RANK_TIMEOUT);
        }
    }

    /** Stops sending, and waits for the messages in flight, as MPI requires before it is finished. */
    void stop() {
        stopped.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        long end = System.nanoTime() + MAX_QUIET;
        for (Peer peer : peers) {
            while (peer.sending && !mpi.done(peer.request) && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        }
    }

    private void run() {
        long looked = System.nanoTime();
        long told = looked;
        while (failure == null && pause(Math.max(1, TimeUnit.NANOSECONDS.toMillis(quiet / LOOKS)))) {
            long now = System.nanoTime();
            if (now - looked > timeout / 2) {
                // This process itself was suspended, and perhaps all others too.
                moved = now;
            }
            looked = now;
            lock.lock();
            try {
                listen();
                if (now - moved > quiet && now - told > quiet) {
                    if (!stepping && now - Math.max(moved, signed) < patience) {
                        signs.incrementAndGet();
                    }
                    tell();
                    told = now;
                }
                if (now - moved > timeout) {
                    judge(now);
                }
            } catch (RuntimeException e) {
                failure = e instanceof CharlstmException ? e.getMessage() : e.toString();
            } finally {
                lock.unlock();
            }
        }
        String found = failure;
        if (found != null) {
            unblocker.start(found, () -> abort(1));
        }
    }

    /** Ends all ranks with an exit code, and does not return. */
    void abort(int code) {
        if (hostLost) {
            HungMpirun.end();
        }
        mpi.abort(code);
    }

    /** Waits. Returns false when this thread must end. */
    private boolean pause(long milliseconds) {
        try {
            return !stopped.await(milliseconds, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    private void listen() {
        while (mpi.receive(received, communicator, probe)) {
            Peer from = peers.get((int) received.getAtIndex(ValueLayout.JAVA_LONG, 0));
            long arrived = received.getAtIndex(ValueLayout.JAVA_LONG, 1);
            long gaveSigns = received.getAtIndex(ValueLayout.JAVA_LONG, 3);
            from.heard = System.nanoTime();
            if (from.arrivals != arrived || from.signs != gaveSigns) {
                from.since = from.heard;
            }
            from.arrivals = arrived;
            from.step = received.getAtIndex(ValueLayout.JAVA_LONG, 2);
            from.signs = gaveSigns;
        }
    }

    private void tell() {
        for (int r = 0; r < size; r++) {
            Peer peer = peers.get(r);
            if (r == rank || (peer.sending && !mpi.done(peer.request))) {
                continue;
            }
            peer.message.setAtIndex(ValueLayout.JAVA_LONG, 0, rank);
            peer.message.setAtIndex(ValueLayout.JAVA_LONG, 1, arrivals.get());
            peer.message.setAtIndex(ValueLayout.JAVA_LONG, 2, step);
            peer.message.setAtIndex(ValueLayout.JAVA_LONG, 3, signs.get());
            mpi.send(peer.message, r, communicator, peer.request);
            peer.sending = true;
        }
    }

    private void judge(long now) {
        List<Integer> late = new ArrayList<>();
        for (int r = 0; r < size; r++) {
            Peer peer = peers.get(r);
            if (r != rank && peer.arrivals < arrivals.get() && now - Math.max(moved, peer.since) > timeout) {
                late.add(r);
                List<String> hosts = ranks.hosts();
                if (!hosts.isEmpty() && !hosts.get(r).equals(hosts.get(rank)) && now - peer.heard > timeout / 2) {
                    // A hung rank still sends messages, so the host is lost.
                    hostLost = true;
                }
            }
        }
        if (!late.isEmpty()) {
            String who = late.stream().map(ranks::name).collect(Collectors.joining(", "));
            failure = who + (late.size() == 1 ? " has" : " have") + " not answered for " + seconds(timeout)
                    + where(late) + "; see whether " + (late.size() == 1 ? "it still runs" : "they still run")
                    + " and can be reached";
        }
    }

    /** The steps of the late ranks and of this rank, if known. A late rank has at least reached {@code stepBefore}. */
    private String where(List<Integer> late) {
        if (step < 0) {
            return "";
        }
        long theirs = late.stream().mapToLong(r -> Math.max(peers.get(r).step, stepBefore)).min().orElse(stepBefore);
        return " (" + (theirs < 0 ? "before its first step" : "step " + theirs) + "; " + ranks.name(rank)
                + " is at step " + step + ")";
    }

    static String seconds(long nanos) {
        double seconds = nanos / 1e9;
        return (seconds == Math.rint(seconds) ? Long.toString((long) seconds) : Double.toString(seconds)) + " s";
    }
}
