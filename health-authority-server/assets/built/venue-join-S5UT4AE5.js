var t=decodeURIComponent(location.hash.slice(1)),e=document.getElementById("code");/^[0-9A-Za-z-]{1,40}$/.test(t)&&!e.value&&(e.value=t,document.getElementById("from-code").hidden=!1,history.replaceState(null,"",location.pathname+location.search),e.form.querySelector("button").focus());document.documentElement.dataset.ready="yes";
//# sourceMappingURL=venue-join-S5UT4AE5.js.map
