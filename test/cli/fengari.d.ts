/** Of fengari 0.1.5, which has no types of its own, what the tests use: https://www.lua.org/manual/5.3/manual.html#4 */
declare module "fengari" {
  type State = { readonly opaque: unique symbol };
  type Library = (state: State) => number;

  export function to_luastring(text: string): Uint8Array;
  export const lauxlib: {
    luaL_newstate(): State;
    luaL_requiref(state: State, name: Uint8Array, library: Library, isGlobal: 1): void;
    luaL_loadstring(state: State, code: Uint8Array): number;
  };
  export const lua: {
    readonly LUA_OK: number;
    lua_pcall(state: State, inputs: number, results: number, handler: 0): number;
    lua_tojsstring(state: State, index: number): string;
  };
  export const lualib: {
    readonly luaopen_base: Library;
    readonly luaopen_table: Library;
  };
}
