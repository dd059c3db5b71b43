package org.charlstm.cuda.binding;

import module java.base;

/**
 * Whether another user could replace a folder: checks every folder above it and every link on the way, as ssh does with
 * StrictModes. A sticky folder such as {@code /tmp} is safe, since users may replace only their own files there.
 */
final class PathOwners {
    private static final int WRITABLE_BY_OTHERS = 0022;
    private static final int STICKY = 01000;
    private static final int MOST_LINKS = 40;
    private static final Path PROCESS = Path.of("/proc/self");

    private final Set<Integer> trusted;
    private int links;
    private String objection = "";

    private PathOwners(Set<Integer> trusted) {
        this.trusted = trusted;
    }

    /**
     * Why a folder is unsafe by the folders above it, such as {@code lies in /srv, which others may write to}; empty if
     * safe. The folder is absolute and exists on a POSIX file system.
     */
    static Optional<String> objection(Path folder) throws IOException {
        Path parent = folder.getParent();
        if (parent == null) {
            return Optional.empty();
        }
        // The owner of the root may change everything; in a container that owner need not be user 0.
        PathOwners owners = new PathOwners(new TreeSet<>(List.of(0, own())));
        owners.trusted.add(number(attributes(folder.getRoot()), "uid"));
        owners.follow(parent);
        return Optional.of(owners.objection).filter(why -> !why.isEmpty());
    }

    /** The number of this process's user, who need not have a name. */
    static int own() throws IOException {
        Path own = Files.exists(PROCESS) ? PROCESS : Path.of(System.getProperty("user.home"));
        return number(Files.readAttributes(own, "unix:uid"), "uid");
    }

    /** Checks a path step by step; returns the path without links. */
    private Path follow(Path path) throws IOException {
        Path current = path.getRoot();
        look(current);
        for (Path name : path) {
            Path next = current.resolve(name).normalize();
            look(next);
            current = Files.isSymbolicLink(next) ? behind(next) : next;
        }
        return current;
    }

    private Path behind(Path link) throws IOException {
        links++;
        if (links > MOST_LINKS) {
            throw new IOException(link + " leads to no end of links");
        }
        return follow(link.resolveSibling(Files.readSymbolicLink(link)));
    }

    private void look(Path place) throws IOException {
        Map<String, Object> found = attributes(place);
        int mode = number(found, "mode");
        boolean open = !Files.isSymbolicLink(place) && (mode & WRITABLE_BY_OTHERS) != 0 && (mode & STICKY) == 0;
        boolean foreign = !trusted.contains(number(found, "uid"));
        if (objection.isEmpty() && (open || foreign)) {
            objection = "lies in " + place + ", which " + (open ? "others may write to"
                    : "belongs to " + Files.getOwner(place, LinkOption.NOFOLLOW_LINKS).getName());
        }
    }

    private static Map<String, Object> attributes(Path place) throws IOException {
        return Files.readAttributes(place, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
    }

    private static int number(Map<String, Object> attributes, String name) {
        return ((Number) attributes.getOrDefault(name, -1)).intValue();
    }
}
