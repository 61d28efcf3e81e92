{
  description = "Pianola: small web apps that share one local assistant. A shell with the tools of `make up` and `make test`.";

  # No lock file is here: nobody could fetch nixpkgs where this was written. `nix flake lock` makes yours.
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      isLinux = pkgs: builtins.match ".*-linux" pkgs.system != null;

      tools = pkgs: [ pkgs.python313 pkgs.nodejs pkgs.gnumake pkgs.git ];

      # nixpkgs has Chromium for Linux only; on macOS the tests use the one that is installed.
      browser = pkgs: if isLinux pkgs then [ pkgs.chromium ] else [ ];

      # Wheels of PyPI expect the C++ runtime where other systems keep it.
      libraries = pkgs: if isLinux pkgs then "${pkgs.stdenv.cc.cc.lib}/lib" else "";

      shell = pkgs: pkgs.mkShell {
        packages = tools pkgs ++ [ pkgs.ollama ] ++ browser pkgs;
        LD_LIBRARY_PATH = libraries pkgs;
        shellHook = ''
          echo "make up starts Pianola, make test runs all tests, make help shows the rest. ollama serve starts Ollama."
        '';
      };

      # `nix run`: `make up` in a copy, since make writes beside the code and the store cannot be written.
      up = pkgs: pkgs.writeShellApplication {
        name = "pianola-up";
        runtimeInputs = tools pkgs;
        text = ''
          copy="''${XDG_DATA_HOME:-$HOME/.local/share}/pianola-checkout"
          if [ "$(cat "$copy/.copied-from" 2>/dev/null)" != "${self}" ]; then
            mkdir -p "$copy"
            cp -R "${self}/." "$copy"
            chmod -R u+w "$copy"
            echo "${self}" >"$copy/.copied-from"
          fi
          export LD_LIBRARY_PATH="${libraries pkgs}"
          exec make -C "$copy" up ARGS="$*"
        '';
      };
    in
    {
      devShells = each (pkgs: { default = shell pkgs; });
      apps = each (pkgs: { default = { type = "app"; program = "${up pkgs}/bin/pianola-up"; }; });
    };
}
