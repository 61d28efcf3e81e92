{
  description = "Pianola: small web apps that share one local assistant. A shell with the tools of `make up` and `make test`.";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];

      # nixpkgs has Chromium for Linux only; on macOS the tests use the one that is installed.
      browser = pkgs: if builtins.match ".*-linux" pkgs.system != null then [ pkgs.chromium ] else [ ];

      shell = pkgs: pkgs.mkShell {
        packages = [ pkgs.python311 pkgs.nodejs pkgs.gnumake pkgs.git ] ++ browser pkgs;
        # Wheels of PyPI expect the C++ runtime where other systems keep it.
        LD_LIBRARY_PATH = if builtins.match ".*-linux" pkgs.system != null
          then "${pkgs.stdenv.cc.cc.lib}/lib" else "";
        shellHook = ''
          echo "make up starts Pianola, make test runs all tests, make help shows the rest."
        '';
      };
    in
    {
      devShells = nixpkgs.lib.genAttrs systems (system: {
        default = shell nixpkgs.legacyPackages.${system};
      });
    };
}
