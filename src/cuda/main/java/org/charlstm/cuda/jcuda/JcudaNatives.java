package org.charlstm.cuda.jcuda;

import jcuda.JCudaVersion;
import jcuda.LibUtils;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.CacheFolder;

/**
 * JCuda's native code. By itself JCuda unpacks it to a name that everybody knows, in a folder that all share, and loads
 * the file that lies there already: somebody else's, or half of one that another process is writing. Here it is
 * unpacked beforehand, to a folder of the user's own, and JCuda finds it there, whole.
 */
final class JcudaNatives {
    /** The property that names the folder; JCuda reads it each time. */
    private static final String FOLDER = "java.io.tmpdir";

    /** Classes whose code is loaded, even if its file is gone since. */
    private static final Set<String> STARTED = new HashSet<>();

    private JcudaNatives() {
    }

    /**
     * Starts a class of JCuda's, which loads the code of its name.
     *
     * @throws LinkageError      if that does not load
     * @throws CharlstmException if there is no place for it
     */
    static synchronized Class<?> start(String type) throws ClassNotFoundException {
        if (STARTED.contains(type)) {
            return Class.forName(type);
        }
        String library = type.substring(type.lastIndexOf('.') + 1) + "-" + JCudaVersion.get();
        String file = LibUtils.createLibraryFileName(LibUtils.createPlatformLibraryName(library));
        String folder = unpack(file).toString();
        String before = System.getProperty(FOLDER, "");
        // The JDK has read the property when it started, so its own temporary files stay where they are.
        System.setProperty(FOLDER, folder);
        try {
            Class<?> started = Class.forName(type);
            STARTED.add(type);
            return started;
        } finally {
            System.setProperty(FOLDER, before);
        }
    }

    /** The folder in which the file is then. */
    private static Path unpack(String file) {
        Path folder = CacheFolder.of(System.getenv()).orElseThrow(() -> new CharlstmException("JCuda's native code has "
                + "to be unpacked, and neither CHARLSTM_CACHE nor HOME names a folder for it; set CHARLSTM_CACHE"))
                .resolve("jcuda");
        try {
            requireOwn(folder);
            put(folder, file, code(file));
            return folder;
        } catch (IOException e) {
            throw new CharlstmException("JCuda's native code cannot be unpacked to " + folder + ", which cannot be "
                    + "written; set CHARLSTM_CACHE to a folder that can", e);
        }
    }

    /**
     * Makes a folder where it is missing.
     *
     * @throws CharlstmException if somebody else may write to it
     */
    static void requireOwn(Path folder) throws IOException {
        Optional<String> objection = CacheFolder.objection(folder);
        if (objection.isPresent()) {
            throw new CharlstmException("JCuda's native code is not run from " + folder + ", which " + objection.get()
                    + "; remove it, or set CHARLSTM_CACHE to a folder of your own");
        }
    }

    /** Makes sure that a file holds some code; one that does not is replaced, since another process may load it. */
    static void put(Path folder, String name, byte[] code) throws IOException {
        Path file = folder.resolve(name);
        boolean holdsIt = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && MessageDigest.isEqual(CacheFolder.sha256().digest(Files.readAllBytes(file)),
                        CacheFolder.sha256().digest(code));
        if (!holdsIt) {
            CacheFolder.write(folder, name, code);
        }
    }

    private static byte[] code(String file) throws IOException {
        try (InputStream resource = JcudaNatives.class.getClassLoader().getResourceAsStream("lib/" + file)) {
            if (resource == null) {
                throw new CharlstmException("JCuda's native code is not on the class path, which lacks lib/" + file
                        + "; see docs/cuda-binding.md");
            }
            return resource.readAllBytes();
        }
    }
}
